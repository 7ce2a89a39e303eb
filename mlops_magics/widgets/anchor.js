// How does a page show what the kernel draws, without a widget in the saved notebook?
//
// The cell's output is static HTML inside an element with a marker. This model has no
// view: it looks for its marker whenever the page changes, fills it, and puts controls
// above. It asks nobody outside and draws nothing of its own.

const GONE = ["dead", "restarting", "autorestarting", "terminating"];
const WAIT_BEFORE_SAYING = 500; // milliseconds without an answer
const TYPING_PAUSE = 350;
const SLIDING_PAUSE = 120;

export default {
  initialize({ model, signal }) {
    const places = new Map(); // element with the marker -> the page in it
    const selector = `[data-mlops-live="${model.get("marker")}"]`;
    const kernel = model.widget_manager?.kernel;
    const state = { gone: "", pending: 0, sent: 0, late: false, focus: null };

    const say = () => {
      const waits = state.late ? "waiting for the kernel" : "";
      return state.gone || waits || model.get("said");
    };
    const refresh = (draw) => {
      for (const place of places.values()) draw(place);
    };
    const drawSaid = (place) => {
      place.said.textContent = say();
    };
    const drawControls = (place) => {
      const wanted = model.get("ended") ? [] : model.get("controls");
      arrange(place, wanted, use);
      for (const part of place.controls.querySelectorAll("button, select, input")) {
        part.disabled = Boolean(state.gone) || part.dataset.pressed === "yes";
      }
    };
    const drawPage = (place) => patch(place.body, model.get("page"));

    const use = (control, value) => {
      if (control.interrupts && kernel?.interrupt) {
        // the kernel's own status would not do: what a subshell does makes it idle as well
        if (!model.get("ended")) kernel.interrupt();
        return;
      }
      state.sent += 1;
      state.pending = state.sent;
      model.send({ name: control.name, value, number: state.sent });
      setTimeout(() => {
        state.late = state.pending > 0;
        refresh(drawSaid);
      }, WAIT_BEFORE_SAYING);
    };

    const scan = () => {
      for (const [marked, place] of places) {
        if (!marked.isConnected || !marked.contains(place.body)) places.delete(marked);
      }
      for (const marked of document.querySelectorAll(selector)) {
        if (places.has(marked)) continue;
        const place = build(marked);
        places.set(marked, place);
        place.controls.addEventListener("focusin", (event) => {
          state.focus = event.target.name || null;
        });
        drawPage(place);
        drawControls(place);
        drawSaid(place);
        // the output was replaced below the hand that was using it
        if (state.focus && document.activeElement === document.body) {
          place.controls.querySelector(`[name="${CSS.escape(state.focus)}"]`)?.focus();
        }
      }
    };
    const observer = new MutationObserver(scan);
    observer.observe(document.body, { childList: true, subtree: true });
    scan();

    const end = () => {
      observer.disconnect();
      for (const [marked, place] of places) marked.replaceChildren(...place.body.childNodes);
      places.clear();
    };
    const leave = () => {
      if (state.gone || model.get("ended")) return;
      const time = new Date().toTimeString().slice(0, 5);
      state.gone = `The kernel is gone: this is as it was at ${time}. Run the cell again to go on.`;
      refresh(drawControls);
      refresh(drawSaid);
    };
    model.on("change:page", () => refresh(drawPage));
    model.on("change:controls", () => refresh(drawControls));
    model.on("change:said", () => refresh(drawSaid));
    model.on("change:ended", () => refresh(drawControls));
    model.on("msg:custom", (content) => {
      if (content.answered !== state.pending) return;
      state.pending = 0;
      state.late = false;
      refresh(drawSaid);
    });
    kernel?.statusChanged?.connect((_, status) => GONE.includes(status) && leave());
    kernel?.disposed?.connect(leave);
    signal.addEventListener("abort", end);
  },
};

/** Put the three parts of a live page into the marked element. */
function build(marked) {
  const place = {
    controls: Object.assign(document.createElement("div"), { className: "mlops-controls" }),
    said: Object.assign(document.createElement("div"), { className: "mlops-said" }),
    body: document.createElement("div"),
    drawn: new Map(),
  };
  place.said.setAttribute("role", "status");
  marked.replaceChildren(place.controls, place.said, place.body);
  return place;
}

/** Draw the controls that are wanted; one that is unchanged keeps its element and focus. */
function arrange(place, wanted, use) {
  const names = wanted.map((control) => control.name);
  for (const [name, { element }] of place.drawn) {
    if (names.includes(name)) continue;
    element.remove();
    place.drawn.delete(name);
  }
  let before = null;
  for (const control of wanted) {
    const is = JSON.stringify({ ...control, value: null });
    let drawn = place.drawn.get(control.name);
    if (drawn?.is !== is) {
      const element = draw(control, use);
      drawn ? drawn.element.replaceWith(element) : place.controls.append(element);
      drawn = { is, element };
      place.drawn.set(control.name, drawn);
    }
    const follows = before ? before.nextSibling : place.controls.firstChild;
    if (follows !== drawn.element) place.controls.insertBefore(drawn.element, follows);
    drawn.element.adopt?.(control.value);
    before = drawn.element;
  }
}

function draw(control, use) {
  if (control.kind === "button") return button(control, use);
  const input = { picker, slider, number: typed, field: typed }[control.kind](control, use);
  const label = document.createElement("label");
  const said = document.createElement("span");
  said.textContent = control.label;
  said.title = control.label;
  if (input.shown) said.append(" ", input.shown);
  label.append(said, ...(input.beside ?? [input]));
  input.name = control.name;
  // what somebody is using is not changed below the hand
  label.adopt = (value) => document.activeElement !== input && input.adopt(value);
  return label;
}

function button(control, use) {
  const element = document.createElement("button");
  element.type = "button";
  element.name = control.name;
  element.textContent = control.label;
  element.className = control.main ? "main" : "";
  element.onclick = () => {
    if (control.interrupts) {
      element.dataset.pressed = "yes";
      element.disabled = true;
    }
    use(control, null);
  };
  return element;
}

function picker(control, use) {
  const select = document.createElement("select");
  control.options.forEach((said, place) => select.add(new Option(said, String(place))));
  select.adopt = (place) => (select.selectedIndex = place);
  select.onchange = () => use(control, control.sent[select.selectedIndex]);
  return select;
}

function slider(control, use) {
  const input = document.createElement("input");
  const shown = document.createElement("b");
  Object.assign(input, { type: "range", min: control.low, max: control.high, step: control.step });
  const show = () => {
    const place = Math.round((input.value - control.low) / control.step);
    shown.textContent = control.said[place] ?? input.value;
  };
  const send = paused(() => use(control, Number(input.value)), SLIDING_PAUSE);
  input.adopt = (value) => {
    input.value = value;
    show();
  };
  input.oninput = () => {
    show();
    send();
  };
  input.shown = shown;
  return input;
}

function typed(control, use) {
  const input = document.createElement("input");
  input.type = "text";
  input.className = control.kind;
  input.placeholder = control.hint;
  input.autocomplete = "off";
  input.spellcheck = false;
  if (control.kind === "number") input.inputMode = "decimal";
  let last = null;
  const send = () => {
    if (input.value === last) return;
    last = input.value;
    use(control, input.value);
  };
  input.adopt = (value) => {
    input.value = value;
    last = value;
  };
  input.oninput = paused(send, TYPING_PAUSE);
  input.onchange = send;
  // JupyterLab would take the keys of an output for its own
  input.onkeydown = (event) => {
    if (event.key === "Enter") send();
    event.stopPropagation();
  };
  if (control.choices?.length) {
    const list = document.createElement("datalist");
    list.id = `mlops-${Math.random().toString(36).slice(2)}`;
    control.choices.forEach((choice) => list.append(new Option(choice)));
    input.setAttribute("list", list.id);
    input.beside = [input, list];
  }
  return input;
}

function paused(act, milliseconds) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
}

/** Make an element's children those of the HTML, and leave alone what is the same. */
function patch(element, html) {
  const wanted = document.createElement("template");
  wanted.innerHTML = html;
  align(element, wanted.content);
}

function align(here, wanted) {
  const news = [...wanted.childNodes];
  news.forEach((next, place) => {
    const old = here.childNodes[place];
    if (!old) here.append(next);
    else if (!old.isEqualNode(next)) renew(here, old, next);
  });
  while (here.childNodes.length > news.length) here.lastChild.remove();
}

function renew(here, old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== next.nodeName) {
    here.replaceChild(next, old);
    return;
  }
  for (const { name } of [...old.attributes]) {
    // a part that somebody has opened stays open
    if (!next.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  align(old, next);
}

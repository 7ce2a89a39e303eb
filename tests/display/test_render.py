"""What each result says as text, and that nothing passes into HTML unescaped."""

# ruff: noqa: E501  # a line of an output is as long as it is

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_magics.display import render
from mlops_magics.display.grid import Grid
from mlops_magics.display.pages import lines

SPEC = importlib.util.spec_from_file_location("samples", Path(__file__).with_name("samples.py"))
assert SPEC is not None
assert SPEC.loader is not None
MADE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MADE)
SAMPLES = MADE.SAMPLES

TEXTS = {
    "canary": """
● late v3 is a canary of 10 %
answers for that share of the entities, the same ones each time
How it does: %monitor late@v3
On live labelled rows: %model late compare production v3
To end it, or promote it: %model late off
""",
    "shadow": """
● late v3 is a shadow
answers every row, recorded apart from what production answers
How it does: %monitor late@v3
On live labelled rows: %model late compare production v3
To end it, or promote it: %model late off
""",
    "rollout ended": """
late v3 answers no more beside production
alert 3: <script>alert(1)</script>; what it has answered stays
""",
    "routed": """
late
78 % · v3, production
v3 answered as the canary of 10 % by <script>alert(1)</script>
feature                              value  from
hour                                    18  22 min old
<script>alert(1)</script>  it's "<b>" & co  given
unseen it's "<b>" & co
""",
    "retraining": """
● late v2 was promoted
request 2, against v1: labels say that it has become worse
loss 0.61 in 412 labelled predictions of 2013-07-01 to 2013-07-07, 0.48 when v1 was approved: 4.2 standard errors more
asked                      verdict       figure and bound
better on the newest rows  ● passed      loss 0.5, 0.61 of v1, on 412 rows; by 0.06 at least, must be above 0
not worse on older rows    ▲ no verdict  12 rows that neither has seen, 30 are needed
no leakage warning         ■ failed      told nearly alone by <script>alert(1)</script>
v2 is in production, v1 was there before.
If it turns out to be worse: %model late rollback
""",
    "retraining failed": """
■ late v1 failed
request 1, against v1: a person asked
it's "<b>" & co
no rows: <script>alert(1)</script>.
""",
    "retraining standing": """
late · retrained for performance, drift, age>30d
at least 50 new labels and 7 days between two; a person approves

Open
▲ late v2 waits for approval
request 2, against v1: labels say that it has become worse
loss 0.61 in 412 labelled predictions of 2013-07-01 to 2013-07-07, 0.48 when v1 was approved: 4.2 standard errors more
asked                      verdict       figure and bound
better on the newest rows  ● passed      loss 0.5, 0.61 of v1, on 412 rows; by 0.06 at least, must be above 0
not worse on older rows    ▲ no verdict  12 rows that neither has seen, 30 are needed
no leakage warning         ■ failed      told nearly alone by <script>alert(1)</script>
v2 is better and passes every gate: a person decides.
Next, or reject: %monitor late retrain approve

So far
no  why    challenger  end     what came of it
 1  asked  –           failed  no rows: <script>alert(1)</script>
""",
    "retraining waits": """
late · retrained for performance
at least 50 new labels and 7 days between two; what passes goes into production
waits for labels of predictions that are old enough: 12 of 50
""",
    "retraining only when asked": """
late · retrained only when asked
Next: %monitor late retrain --when performance
""",
    "requests": """
2 requests
model  no  why          challenger  end                            what came of it
late    2  performance  v2          challenger waits for approval  v2 is better and passes every gate: a person decides
late    1  asked        –           failed                         no rows: <script>alert(1)</script>
""",
    "write": """
weather v1 · 26,112 rows new, 0 already there
3 entities · 1 Jan 2013 to 30 Dec 2013 · known as history
feature                    kind      missing  distinct  range or commonest
temp_f                     number        0 %        60  11 to 100
<script>alert(1)</script>  category     80 %         2  it's "<b>" & co, JFK
<script>alert(1)</script> is mostly missing.
""",
    "views": """
2 feature views
view     version  key        features    rows  newest       read by
weather  v1       origin            1  26,112  30 Dec 2013  late v2 (production), late v1
ratio    v1       on demand         –       0  –            –
""",
    "view": """
weather v1 · 26,112 rows
key origin · newest 30 Dec 2013
feature                    kind
<script>alert(1)</script>  number
    SELECT *
    FROM w -- <script>alert(1)</script>
""",
    "view_report": """
weather v1 · 26,112 rows
key origin · newest 30 Dec 2013
time                         rows  in its later half
1 Jan 2013 to 30 Dec 2013  26,112             13,112
feature                    kind    missing  first  last
<script>alert(1)</script>  number     35 %   10 %  60 %
v1 · cell 3 · 26,112 rows in 2 writes
read by late v2 (production), late v1
    SELECT *
    FROM w -- <script>alert(1)</script>
""",
    "new_version": """
weather v2 · nothing written; 26,112 rows would be new, 0 are already there
3 entities · 1 Jan 2013 to 30 Dec 2013 · known as history
    -FROM w -- <script>alert(1)</script>
    +FROM w
feature  kind    missing  distinct  range or commonest
temp_f   number      0 %        60  11 to 100
late v2 in production reads v1
""",
    "on_demand": """
ratio v1 · is stored
computed on each row that is trained on or predicted
""",
    "ratio_report": """
ratio v1 · computed on request
sees the table request
v1 · cell 4
no model reads it
    SELECT a / b AS ratio FROM request
""",
    "job": """
late v1 · AUC 0.74 (0.70 to 0.77)
held out: the newest 1,246 of 6,227 rows · 2 columns used
▲ <script>alert(1)</script> alone reaches AUC 0.99
metric    this model  95 % interval  always the commonest  linear
accuracy        0.81                                 0.80    0.81
loss            0.43                                 0.50    0.45
AUC             0.74   0.70 to 0.77                  0.50    0.70
R²: undefined: <script>alert(1)</script>
column                     loss more if shuffled  95 % interval
<script>alert(1)</script>                   0.05   0.04 to 0.06
a                                           0.01  -0.01 to 0.03
Probabilities: off by 2.1 points on average, as chance alone makes it (p 0.4)
Sets for 90 %: hold 91 % of the held-out rows (89 % to 93 %), 1.23 classes on average
yes is rare: called from 0.31 on, 60 % are found and 50 % of calls are right; at 0.50, which predictions use, 20 % are found
Entities that training had not seen: AUC 0.61 on 120 held-out rows
Left out: flight_id (identifier).
it's "<b>" & co
Next: %model late promote v1
""",
    "failed": """
■ late: training failed: no rows <script>alert(1)</script>
""",
    "version": """
late@v1 · production · AUC 0.74
""",
    "history": """
late · 1 version
version  stage           metric  loss   rows  made with
v1       ● production  AUC 0.74  0.43  6,227  flax
v1 production: it's "<b>" & co
""",
    "card": """
late@v1 · production · AUC 0.74
predicts late (no, <script>alert(1)</script>) for each origin · 3 predictions so far
it's "<b>" & co

Limits
worse where <script>alert(1)</script>.

How good, class by class
on 1,246 rows that it has not learned from
class                       rows  right when said  found of all
no                         1,000             90 %          95 %
<script>alert(1)</script>    246                –           0 %

Training
held out: the newest 1,246 of 6,227 rows · 2 columns used
▲ <script>alert(1)</script> alone reaches AUC 0.99
metric    this model  95 % interval  always the commonest  linear
accuracy        0.81                                 0.80    0.81
loss            0.43                                 0.50    0.45
AUC             0.74   0.70 to 0.77                  0.50    0.70
R²: undefined: <script>alert(1)</script>
column                     loss more if shuffled  95 % interval
<script>alert(1)</script>                   0.05   0.04 to 0.06
a                                           0.01  -0.01 to 0.03
Probabilities: off by 2.1 points on average, as chance alone makes it (p 0.4)
Sets for 90 %: hold 91 % of the held-out rows (89 % to 93 %), 1.23 classes on average
yes is rare: called from 0.31 on, 60 % are found and 50 % of calls are right; at 0.50, which predictions use, 20 % are found
Entities that training had not seen: AUC 0.61 on 120 held-out rows
Left out: flight_id (identifier).
it's "<b>" & co

Where it comes from
what           which
rows           6,227, fingerprint 00ff
feature views  weather v1
seed           0
trained by cell 4
    %train late # <script>alert(1)</script>

What it takes
column                     kind      seen in training    missing there
hour                       integer   0 to 23             never
<script>alert(1)</script>  category  it's "<b>" & co, b  sometimes

History
stage       why
production  it's "<b>" & co
production  promoted past its gates (calibrated), because <script>alert(1)</script>, asked by http it's "<b>" & co

Retraining
request 2, v2 against v1, performance: loss 0.61 in 412 labelled predictions of 2013-07-01 to 2013-07-07, 0.48 when v1 was approved: 4.2 standard errors more.
challenger waits for approval: v2 is better and passes every gate: a person decides.
""",
    "a card of theirs": """
late@v1 · production · AUC 0.70
predicts something · 0 predictions so far · made with sklearn

Where it comes from
""",
    "promotion": """
● late v1 is in production
v0 was there before and is in staging
gate    verdict   figure and bound
intact  ● passed  digest matches
finite  ■ failed  <script>alert(1)</script>
""",
    "rollback": """
● late v1 is back in production
v2 was there before and is in staging
""",
    "forced": """
▲ late v1 is in production
past its gates, because <script>alert(1)</script>
gate        verdict       figure and bound
calibrated  ▲ no verdict  its probabilities were seen on fewer than 30 rows
""",
    "refused": """
■ late v1 was not promoted
gate        verdict       figure and bound
calibrated  ▲ no verdict  its probabilities were seen on fewer than 30 rows
""",
    "explored": """
weather v1 · 26,112 rows
key origin · newest 30 Dec 2013

origin=<script>alert(1)</script>
4 rows (the newest 3) · 1 Jan 2013 to 3 Jan 2013 · 1 known more than a day late
as of 3 Jan 2013 02:00: the values of 2 Jan 2013; 1 newer row true by then, not yet known
feature                    known then  newest
temp_f                             28       –
<script>alert(1)</script>           a       b

What came late
true on     temp_f  <script>alert(1)</script>
3 Jan 2013       –                          b

What is in the view
2 of its 990 features, over its newest 10,000 rows
feature                    kind      missing  distinct  range or commonest
temp_f                     number        0 %        60  11 to 100
<script>alert(1)</script>  category     80 %         2  it's "<b>" & co, JFK
""",
    "unknown entity": """
weather v1 · 26,112 rows
key origin · newest 30 Dec 2013

origin=<script>alert(1)</script>
nothing is known of it
known are such as origin=<script>alert(1)</script>, origin=JFK

What is in the view
2 of its 990 features, over its newest 10,000 rows
feature                    kind      missing  distinct  range or commonest
temp_f                     number        0 %        60  11 to 100
<script>alert(1)</script>  category     80 %         2  it's "<b>" & co, JFK
""",
    "beside": """
late: v2 is better than v1
420 rows that neither has learned from: 300 held out, 120 predicted and labelled
12 rows left out: one of them has learned from them
3 rows left out: a column of one of them is missing
its held-out rows have judged 3 pairs of versions by now: the more they judge, the likelier luck picks one
metric        v1      v2  v2 better by     95 % interval
loss      0.4321  0.4012        0.0309  0.0102 to 0.0516
accuracy   0.810   0.830         0.020            p 0.04

How good each was when it was trained
measured                   v1                   v2
accuracy                 0.81                 0.81
loss                     0.43                 0.43
AUC       0.74 (0.70 to 0.77)  0.74 (0.70 to 0.77)
stage              production          development

What they come from
what  v1     v2
rows  6,227  7,000
note  –      <script>alert(1)</script>
the same in both: held out the newest 1,246 of 6,227 rows, target late, made with flax

Columns
column                     v1                            v2
hour                       integer, 0 to 23              number, 0 to 23
<script>alert(1)</script>  category, it's "<b>" & co, b  not used
a                          not used                      boolean

What matters in each
column                        v1     v2
<script>alert(1)</script>  0.050  0.050
a                          0.010  0.010
how much worse it is if a column is shuffled: loss more, or R² less for numbers

Whether probabilities hold
version  off by, on average  as chance makes it
v1               2.1 points               p 0.4
v2               2.1 points               p 0.4

Gates to production
gate        v1        v2            what holds it back
intact      ● passed  –
finite      ■ failed  –             v1: <script>alert(1)</script>
calibrated  –         ▲ no verdict  v2: its probabilities were seen on fewer than 30 rows
""",
    "not compared": """
▲ late: v1 and v2 cannot be compared on the same rows
it's "<b>" & co

How good each was when it was trained
measured                   v1          v2
accuracy                 0.81           –
loss                     0.43           –
AUC       0.74 (0.70 to 0.77)        0.70
stage              production  production

What they come from
what       v1                              v2
rows       6,227                           –
held out   the newest 1,246 of 6,227 rows  –
target     late                            –
made with  flax                            sklearn

What matters in each
column                        v1  v2
<script>alert(1)</script>  0.050   –
a                          0.010   –
how much worse it is if a column is shuffled: loss more, or R² less for numbers

Whether probabilities hold
version  off by, on average  as chance makes it
v1               2.1 points               p 0.4

Gates to production
gate    v1        v2  what holds it back
intact  ● passed  –
finite  ■ failed  –   v1: <script>alert(1)</script>
<script>alert(1)</script>
""",
    "one version": """
late · there is only one version

How good each was when it was trained
measured                   v1
accuracy                 0.81
loss                     0.43
AUC       0.74 (0.70 to 0.77)
stage              production
""",
    "computed view": """
ratio v1 · computed on request
sees the table request
it stores no values: each is computed from the row that asks
""",
    "tried": """
late
78 % · after 1 change; at the start no, 60 %
late@v1, production · nothing is recorded

Why
that it is late: 30 % for a typical row, 78 % here; the parts add up to within 0 %
feature                               here  typical   moves it by
hour                                    18       12  +50.0 points
<script>alert(1)</script>  it's "<b>" & co        b   -2.0 points

The row
feature                                now  at the start  in training
hour                                    18             3  0 to 23
<script>alert(1)</script>  it's "<b>" & co                it's "<b>" & co, b
unseen it's "<b>" & co
not given, so as in a typical row: <script>alert(1)</script>
""",
    "unchanged": """
12.5 10.2 to 15
nothing is changed yet
late@v1, production · nothing is recorded
nothing pushes it: the row is as is typical for training

The row
feature                                now  at the start  in training
hour                                     3                0 to 23
<script>alert(1)</script>  it's "<b>" & co                it's "<b>" & co, b
hour                                     3                0 to 23
<script>alert(1)</script>  it's "<b>" & co                it's "<b>" & co, b
hour                                     3                0 to 23
<script>alert(1)</script>  it's "<b>" & co                it's "<b>" & co, b
hour                                     3                0 to 23
<script>alert(1)</script>  it's "<b>" & co                it's "<b>" & co, b
hour                                     3                0 to 23
<script>alert(1)</script>  it's "<b>" & co                it's "<b>" & co, b
hour                                     3                0 to 23
<script>alert(1)</script>  it's "<b>" & co                it's "<b>" & co, b
and 2 more
not given, so as in a typical row: <script>alert(1)</script>
""",
    "compared": """
late: v2 is better than v1
420 rows that neither has learned from: 300 held out, 120 predicted and labelled
12 rows left out: one of them has learned from them
3 rows left out: a column of one of them is missing
its held-out rows have judged 3 pairs of versions by now: the more they judge, the likelier luck picks one
metric        v1      v2  v2 better by     95 % interval
loss      0.4321  0.4012        0.0309  0.0102 to 0.0516
accuracy   0.810   0.830         0.020            p 0.04
""",
    "too few": """
▲ late: no verdict 30 rows are needed for v1 and v2
0 rows that neither has learned from: there are none
420 rows left out: one of them has learned from them
""",
    "deleted": """
late@v1 is deleted, 0.4 MB are free; its predictions stay
""",
    "prediction": """
late
78 % · v3, production
feature                              value  from
hour                                    18  22 min old
<script>alert(1)</script>  it's "<b>" & co  given
unseen it's "<b>" & co
""",
    "explained": """
late one of late, no
78 % · v3, production
feature                              value  from
hour                                    18  22 min old
<script>alert(1)</script>  it's "<b>" & co  given

Why
that it is late: 30 % for a typical row, 78 % here; the parts add up to within 0 %
feature                               here  typical   moves it by
hour                                    18       12  +50.0 points
<script>alert(1)</script>  it's "<b>" & co        b   -2.0 points
unseen it's "<b>" & co
""",
    "moved by": """
4 predictions · late@v1, production
prediction                 rows  share  mean confidence
no                            3   75 %             0.77
<script>alert(1)</script>     1   25 %             0.70

What moves the answers
mean over 4 rows, up or down
feature                    moves it by
hour                       20.0 points
<script>alert(1)</script>   1.3 points
<script>alert(1)</script>: 1 outside the 0 to 1 of training
""",
    "many classes": """
b
50 % · late v3
class                      probability
b                                 50 %
<script>alert(1)</script>         30 %
a                                 20 %
feature  value  from
x            1  given
""",
    "a number": """
12.5 10.2 to 15
late v3
feature  value  from
x            –  not known
""",
    "answered": """
4 predictions · late@v1, production
prediction                 rows  share  mean confidence
no                            3   75 %             0.77
<script>alert(1)</script>     1   25 %             0.70
<script>alert(1)</script>: 1 outside the 0 to 1 of training
""",
    "estimated": """
4 predictions · late@v1, production, not recorded
lowest  median  highest
     1       3        8
""",
    "metrics": """
late · 24,812 predictions
1 Jan 2013 to 30 Dec 2013
81 % average confidence · 0 % errors
""",
    "dashboard": """
■ Act: spend looks 1,000 times as large; at looks 5 hours early
late v1, production · 1 Jan 2013 to 30 Dec 2013 · 24,812 predictions
0.65 AUC measured, 0.64 to 0.66 · 0.74 AUC estimated without labels · 0.74 AUC when trained · 92 % labelled · 81 % average confidence · 2 of 4 columns moved
column                     size         p  matters
<script>alert(1)</script>  0.31  < 0.0001           ▲ large
spend                      0.31  < 0.0001     50 %  ▲ large
carrier                    0.01      0.31           as expected
at                            –         –     10 %  too few rows: 12 of 30
<script>alert(1)</script>: unseen in training: it's "<b>" & co (4)
spend: looks 1,000 times as large: has its unit changed?
spend: missing in 25 %, 0 % before
spend: 2 values of another kind
spend: 400 outside the 0.5 to 80 of training; chance explains 3
at: looks 5 hours early: has its zone changed?
<script>alert(1)</script> and spend: correlation 0.10, 0.70 before (p < 0.0001)
where origin is <script>alert(1)</script> (400 rows): <script>alert(1)</script> (0.31) moved
month    predictions  labelled   AUC  95 % interval  estimated  loss  came true  promised
2013-04       12,000    11,000  0.65   0.64 to 0.66       0.74  0.61       30 %      22 %
2013-05        9,000         0     –                         –     –          –         –
2013-06        9,000     8,000  0.70   0.68 to 0.72          –  0.50       20 %      21 %
2013-06: labels are still coming; 95 % of them take up to 30 days
11,000 of 12,000 predictions labelled; 18,000 younger than 30 days left out; 3 labels of another kind left out
""",
    "alarmed": """
▲ Watch: <script>alert(1)</script>: 'it's "<b>" & co' unseen in training, 12 % of rows
late v1 · 1 Jan 2013 to 30 Dec 2013 · 24,812 predictions
81 % average confidence

2 alerts open
no              what                                                                                                                           since when, against chance
 3  ■ large     <script>alert(1)</script>: 'it's "<b>" & co' unseen in training, 12 % of rows, only where origin is <script>alert(1)</script>  29 Dec 2013: p < 0.0001 over 14 columns
 4  ▲ moderate  loss 0.52 on 412 labels, 0.43 when trained (seen: it's "<b>" & co)                                                             28 Dec 2013: 4.2 standard errors; chance stays below 3.1
Next: %monitor late drift
Next: %monitor late performance
Seen it: %monitor late alerts ack 3 --note "…"

Retraining
request 2: challenger v2 waits for approval
loss 0.61 in 412 labelled predictions of 2013-07-01 to 2013-07-07, 0.48 when v1 was approved: 4.2 standard errors more
Next, or reject: %monitor late retrain approve
v3 is its canary of 10 % since 1 Jan 2013: %model late compare production v3
nothing to compare with yet. Next: %monitor late baseline DATA
""",
    "alerts": """
■ 2 alerts open · late · 1 to watch, 1 over
no              what                                                                                                                           since when, against chance
 3  ■ large     <script>alert(1)</script>: 'it's "<b>" & co' unseen in training, 12 % of rows, only where origin is <script>alert(1)</script>  29 Dec 2013: p < 0.0001 over 14 columns
 4  ▲ moderate  loss 0.52 on 412 labels, 0.43 when trained (seen: it's "<b>" & co)                                                             28 Dec 2013: 4.2 standard errors; chance stays below 3.1
 2  watch       hour is higher, size 0.06                                                                                                      29 Dec 2013: p < 0.0001 over 14 columns
 1  over        hour is higher, size 0.06                                                                                                      29 Dec 2013: p < 0.0001 over 14 columns
Next: %monitor late drift
Next: %monitor late performance
Seen it: %monitor late alerts ack 3 --note "…"
Where nothing changes, about one window in 370 opens an alert (simulated with 20 columns). A window is a UTC day that has ended with 100 predictions.
""",
    "an alert": """
▲ alert 4 of late is open
loss 0.52 on 412 labels, 0.43 when trained
since 28 Dec 2013 · 4.2 standard errors; chance stays below 3.1
seen: it's "<b>" & co
Next: %monitor late performance
""",
    "an alert of the past": """
· alert 1 of late v1
day                   what                       against chance
29 Dec 2013  watch    hour is higher, size 0.06  p < 0.0001 over 14 columns
29 Dec 2013  ▲ small  hour is higher, size 0.06  p < 0.0001 over 14 columns
29 Dec 2013  over     hour is higher, size 0.06  p < 0.0001 over 14 columns
""",
    "rules": """
1 rule · late
no  opens an alert where
 1  p95_latency_ms > 50
To take one back: %monitor late rule off 1
""",
    "rule": """
late: p95_latency_ms > 50
Each closed window from now on that breaks it opens an alert, or keeps it open.
To take it back: %monitor late rule off 1
""",
    "webhook": """
late: alerts go to https://it's "<b>" & co
Sent as JSON when one opens, worsens or closes: the model, what changed, how much against chance, since when, which slice. No row of yours goes, nothing else goes.
The address is kept for you on this machine, not in the workspace.
alert  attempt  to                 what came back
    3        2  hooks.example.org  failed: <script>alert(1)</script>
To end it: %monitor late webhook off
""",
    "no webhook": """
late: alerts stay on this machine
To send them: %monitor late webhook "https://…"
""",
    "alarming models": """
2 models
model  production  newest    metric  predictions  alerts
late   v1          v1      AUC 0.74       12,408  ■ 2 open
calm   –           v1      AUC 0.74            0  none
""",
    "early": """
· Too early to say: 12 predictions
late v1 · 1 Jan 2013 to 30 Dec 2013 · 12 predictions
81 % average confidence
nothing to compare with yet. Next: %monitor late baseline DATA
""",
    "drift": """
▲ 2 of 4 columns moved · late v1 against training, 4,981 rows
1,000 predictions, 1 Jan 2013 to 30 Dec 2013
column                     size         p  matters
<script>alert(1)</script>  0.31  < 0.0001           ▲ large
spend                      0.31  < 0.0001     50 %  ▲ large
carrier                    0.01      0.31           as expected
at                            –         –     10 %  too few rows: 12 of 30
<script>alert(1)</script>: unseen in training: it's "<b>" & co (4)
spend: looks 1,000 times as large: has its unit changed?
spend: missing in 25 %, 0 % before
spend: 2 values of another kind
spend: 400 outside the 0.5 to 80 of training; chance explains 3
at: looks 5 hours early: has its zone changed?
<script>alert(1)</script> and spend: correlation 0.10, 0.70 before (p < 0.0001)
where origin is <script>alert(1)</script> (400 rows): <script>alert(1)</script> (0.31) moved
Where nothing moves, about one in 1,000 such tables names a column.
""",
    "drift by": """
▲ something moved in 1 of 2 groups · late v1 by origin
1 Jan 2013 to 30 Dec 2013, at most the newest 20,000 predictions
origin                     rows  moved, by size
<script>alert(1)</script>   400  ▲ <script>alert(1)</script> 0.31
JFK                          12  too few rows
""",
    "baseline": """
theirs: a baseline of 2,000 rows
2 features: age, <script>alert(1)</script>; predictions, too
Left out: name (it's "<b>" & co).
Next: %monitor theirs drift
""",
    "over time": """
late · 24,824 predictions
from        predictions  confidence  errors  versions
1 Jan 2013       24,812        81 %     0 %  v1 24,812
1 Jan 2013           12        81 %     0 %  v1 12
""",
    "performance": """
AUC 0.65 measured · 0.74 when trained
late v1 · 11,000 of 12,000 predictions labelled; 18,000 younger than 30 days left out; 3 labels of another kind left out
loss is +0.17 (+0.15 to +0.19) off what these predictions promised (p < 0.0001): the relation itself has changed
month    predictions  labelled   AUC  95 % interval  estimated  loss  came true  promised
2013-04       12,000    11,000  0.65   0.64 to 0.66       0.74  0.61       30 %      22 %
2013-05        9,000         0     –                         –     –          –         –
2013-06        9,000     8,000  0.70   0.68 to 0.72          –  0.50       20 %      21 %
2013-06: labels are still coming; 95 % of them take up to 30 days
""",
    "labels": """
24,000 labels · late
2 corrected an earlier one
3 belong to no prediction yet and are kept
1 has a key with several predictions (<script>alert(1)</script>): give --time
4 rows without a label left out
half arrived within 3 h
Next: %monitor late performance
""",
    "events": """
1 prediction
event_time   version  prediction       confidence  key  request_id
30 Dec 2013  v1       it's "<b>" & co        78 %       0000000000000000…0000000000000
""",
    "trace": """
it's "<b>" & co · 78 % · no label yet
late v1 · 30 Dec 2013
asked by cell 7
    %predict late <script>alert(1)</script>
trained on 4,981 rows to predict late, the newest 1,246 of 6,227 rows held out
weather v1, made by cell 3: <script>alert(1)</script> 1.5
    SELECT *
    FROM w -- <script>alert(1)</script>
""",
    "overview": """
workspace /h/.mlops
2 models · 3 feature views · 1 dataset · 12,408 predictions
1.5 MB
late: challenger v2 waits for approval. Next: %monitor late retrain approve
""",
    "serving": """
● http://127.0.0.1:8900 serves script>
this machine alone reaches it; who has its token comes in
from a cell, which keeps the token out of the notebook:
    served = %serve
    !curl -s {served.address}/models -H "Authorization: Bearer {served.token}"
from a terminal, with the token in a variable:
    curl -s http://127.0.0.1:8900/models -H "Authorization: Bearer $TOKEN"
every route, with an example of each: http://127.0.0.1:8900/docs
""",
    "serving others": """
▲ http://127.0.0.1:8900 serves script>
other machines reach it; who has its token comes in
from a cell, which keeps the token out of the notebook:
    served = %serve
    !curl -s {served.address}/models -H "Authorization: Bearer {served.token}"
from a terminal, with the token in a variable:
    curl -s http://127.0.0.1:8900/models -H "Authorization: Bearer $TOKEN"
every route, with an example of each: http://127.0.0.1:8900/docs
12 requests · 9 single predictions
""",
    "stopped": """
http://127.0.0.1:8900 is stopped; what it acknowledged is recorded
1 request · 0 single predictions
""",
    "nothing served": """
nothing is served. Next: %serve
""",
    "dataset": """
stored <script>alert(1)</script>
""",
    "models": """
1 model
model  production  newest    metric  predictions
late   v1          v1      AUC 0.74       12,408
late: challenger v2 waits for approval. Next: %monitor late retrain approve
""",
}


def test_every_sample_has_its_text():
    assert TEXTS.keys() == SAMPLES.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_of_a_result_is_complete_and_stable(name):
    assert render(SAMPLES[name]).text == TEXTS[name].strip("\n")


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_of_the_users_passes_unescaped_and_no_viewer_strips_a_part(name):
    html = render(SAMPLES[name]).html

    assert "<script" not in html
    assert "<svg" not in html
    assert "secret" not in html
    assert MADE.QUOTED not in html
    assert "it's" not in html


@pytest.mark.parametrize("name", SAMPLES)
def test_text_has_neither_tabs_nor_trailing_blanks(name):
    text = render(SAMPLES[name]).text

    assert "\t" not in text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_a_thousand_lines_and_a_thousand_rows_stay_readable():
    many = lines("60 predictions", [f"c{n}: 1 outside the range" for n in range(1000)])
    grid = Grid(("feature", "kind"), [[f"c{n}", "number"] for n in range(1000)], "ll")

    assert many.text.splitlines()[-1] == "and 988 more"
    assert grid.text().splitlines()[-1] == "and 970 more"
    assert "and 970 more" in grid.html()


def test_a_caption_speaks_of_intervals_only_where_there_are_some():
    report = MADE.REPORT
    bare = replace(
        report,
        intervals={},
        baselines=tuple(replace(one, intervals={}) for one in report.baselines),
    )

    with_ends, without = (render(replace(MADE.JOB, report=r)).html for r in (report, bare))

    assert "AUC with its 95 % interval" in with_ends
    assert "with its 95 % interval" not in without

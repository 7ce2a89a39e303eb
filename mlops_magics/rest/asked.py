"""What may a client ask for?

The bodies of requests, by field. Names are ours; the seed's are accepted as well. A
field that nobody knows is refused, and so is a text where a number belongs.
"""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from .bounds import NAME_LETTERS, ROWS, TEXT_LETTERS

SCALAR = {
    "anyOf": [
        {"type": "boolean"},
        {"type": "number"},
        {"type": "string", "maxLength": TEXT_LETTERS},
        {"type": "null"},
    ]
}
ROW = {"type": "object", "additionalProperties": SCALAR, "description": "column: value"}


def _also(*names: str) -> AliasChoices:
    return AliasChoices(*names)


# Rows are looked at where they can be counted and named, in a thread: see `rows`.
Row = Annotated[dict[str, Any], WithJsonSchema(ROW)]
Rows = Annotated[
    list[Any], WithJsonSchema({"type": "array", "items": ROW, "minItems": 1, "maxItems": ROWS})
]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LETTERS)]
Text = Annotated[str, Field(max_length=2_000)]
ModelId = Annotated[
    Name,
    Field(
        validation_alias=_also("model_id", "modelId"), description="the model", examples=["late"]
    ),
]
Version = Annotated[
    Name | None,
    Field(
        validation_alias=_also("version", "modelVersion", "model_version"),
        description="v1, v2, …, a stage or latest; by default production, else the newest",
        examples=["v1"],
    ),
]


class Body(BaseModel):
    """What every body has in common: its fields are known, and of their type."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class UploadBody(Body):
    """A table that is to be stored."""

    rows: Rows = Field(
        description="one object a row; a `features` object in it is read as its columns",
        examples=[[{"hour": 8, "carrier": "UA", "label": "no"}]],
    )
    dataset_id: Name | None = Field(
        None,
        validation_alias=_also("dataset_id", "datasetId"),
        description="its name; a new one by default",
        examples=["flights"],
    )


class TrainBody(Body):
    """A training: what is learned from which dataset."""

    model_id: ModelId
    dataset_id: Name = Field(
        validation_alias=_also("dataset_id", "datasetId"),
        description="a table that was stored",
        examples=["flights"],
    )
    target: Name = Field(
        "label",
        validation_alias=_also("target", "labelColumn", "label_column"),
        description="the column to predict",
        examples=["label"],
    )
    task: Literal["binary", "multiclass", "regression"] | None = Field(
        None, description="inferred by default"
    )
    columns: list[Name] | None = Field(
        None,
        validation_alias=_also("columns", "featureColumns", "feature_columns"),
        description="learn from these only",
    )
    exclude: list[Name] = Field(default_factory=list, description="do not learn from these")
    features: list[Name] = Field(
        default_factory=list, description="views joined to the rows, each as of its time"
    )
    time: Name | None = Field(None, description="the column that says when a row was true")
    group: Name | None = Field(None, description="names the entity: none is on both sides")
    split: Literal["random", "time", "group"] | None = None
    seconds: float | None = Field(
        None, gt=0, le=86_400, description="the fit ends by then at the best so far"
    )
    epochs: int | None = Field(None, ge=1, le=100_000)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    note: Text | None = None


class PredictBody(Body):
    """One row, many rows, or an entity whose features are looked up."""

    model_id: ModelId
    version: Version = None
    features: Row | None = Field(
        None,
        description="one row, with all columns of the model",
        examples=[{"hour": 18, "carrier": "UA"}],
    )
    rows: Rows | None = Field(None, description="several rows")
    entity: Row | None = Field(
        None, description="the keys of the model's views, and values that replace looked-up ones"
    )
    time: Name | None = Field(None, description="of rows: the column that says when each is true")
    explain: bool = Field(False, description="of one row: what pushed the answer")
    coverage: float | None = Field(
        None, gt=0, lt=1, description="how often intervals or sets shall hold the truth"
    )

    @model_validator(mode="after")
    def _one_of_three(self) -> "PredictBody":
        given = [n for n in ("features", "rows", "entity") if getattr(self, n) is not None]
        if len(given) != 1:
            said = " and ".join(given) if given else "none of them"
            raise ValueError(f"give one of features, rows and entity; there is {said}")
        if self.rows is None and self.time is not None:
            raise ValueError("time names a column of rows; one row is of now")
        if self.rows is not None and self.explain:
            raise ValueError("explain is for one row; give features or entity")
        return self


class LabelBody(Body):
    """What turned out."""

    model_id: ModelId
    rows: Rows = Field(
        description="one object a label: request_id, or key columns, and the label",
        examples=[[{"request_id": "019f2a", "label": "yes"}]],
    )
    label: Name = Field("label", description="the column of the outcome")
    key: list[Name] = Field(default_factory=list, description="columns that name the entity")
    time: Name | None = Field(None, description="when the outcome became known; now by default")


class PromoteBody(Body):
    """A version that is to go into a stage, through the gates."""

    version: Version = None
    stage: Literal["staging", "production"] = "production"
    force: bool = Field(False, description="pass gates that hold it back; needs because")
    because: Text | None = Field(None, description="why; it stays on the card")


class VersionBody(Body):
    """A version."""

    version: Name = Field(
        validation_alias=_also("version", "modelVersion", "model_version"), examples=["v1"]
    )


class NoteBody(Body):
    """A word on a decision."""

    note: Text | None = Field(None, description="why")

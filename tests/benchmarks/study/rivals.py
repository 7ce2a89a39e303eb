"""What do the usual libraries make of a table with their defaults?

Each as its documentation shows it: categories where it takes them, one-hot where it
does not; nothing tuned, one thread. Every rival gives (answers, seconds to fit,
seconds to answer), CPU seconds of this process.
"""

import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Frames = tuple[pd.DataFrame, pd.DataFrame]
Outcome = tuple[np.ndarray, float, float]
EPOCH = pd.Timestamp("2000-01-01")


def without_dates(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    for column in list(frame):
        if frame[column].dtype.kind == "M":
            frame[f"{column}_days"] = (frame[column] - EPOCH).dt.days
            frame[f"{column}_weekday"] = frame[column].dt.dayofweek
            frame = frame.drop(columns=column)
        elif frame[column].dtype == bool:
            frame[column] = frame[column].astype(int)
    return frame


def texts(frame: pd.DataFrame) -> list[str]:
    return [column for column in frame if frame[column].dtype == object]


def as_categories(frames: Frames, most: int | None = None) -> Frames:
    training, test = (frame.copy() for frame in frames)
    for column in texts(training):
        common = training[column].dropna().astype(str).value_counts().index[:most]
        for frame in (training, test):
            known = [None if value is None else str(value) for value in frame[column]]
            frame[column] = pd.Categorical(known, categories=common)
    return training, test


def as_texts(frames: Frames) -> Frames:
    training, test = (frame.copy() for frame in frames)
    for column in texts(training):
        for frame in (training, test):
            frame[column] = frame[column].where(frame[column].notna(), "NA").astype(str)
            frame[column] = frame[column].astype(object)
    return training, test


def timed(model: Any, frames: Frames, target: pd.Series, is_regression: bool) -> Outcome:
    training, test = frames
    begun = time.process_time()
    model.fit(training, target)
    fitted = time.process_time()
    answers = model.predict(test) if is_regression else model.predict_proba(test)
    return np.asarray(answers), fitted - begun, time.process_time() - fitted


def catboost(frames: Frames, target: pd.Series, is_regression: bool) -> Outcome:
    from catboost import CatBoostClassifier, CatBoostRegressor

    frames = as_texts(frames)
    make = CatBoostRegressor if is_regression else CatBoostClassifier
    model = make(
        verbose=0,
        thread_count=1,
        random_seed=0,
        allow_writing_files=False,
        cat_features=texts(frames[0]),
    )
    return timed(model, frames, target, is_regression)


def hist_gradient_boosting(frames: Frames, target: pd.Series, is_regression: bool) -> Outcome:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    make = HistGradientBoostingRegressor if is_regression else HistGradientBoostingClassifier
    model = make(categorical_features="from_dtype", random_state=0)
    return timed(model, as_categories(frames, most=254), target, is_regression)


def xgboost(frames: Frames, target: pd.Series, is_regression: bool) -> Outcome:
    from xgboost import XGBClassifier, XGBRegressor

    make = XGBRegressor if is_regression else XGBClassifier
    model = make(n_jobs=1, enable_categorical=True, random_state=0)
    return timed(model, as_categories(frames), target, is_regression)


def lightgbm(frames: Frames, target: pd.Series, is_regression: bool) -> Outcome:
    from lightgbm import LGBMClassifier, LGBMRegressor

    frames = as_categories(frames)
    for frame in frames:
        frame.columns = [re.sub(r"\W", "_", column) for column in frame]
    make = LGBMRegressor if is_regression else LGBMClassifier
    return timed(make(n_jobs=1, verbose=-1, random_state=0), frames, target, is_regression)


def one_hot(frame: pd.DataFrame) -> Any:
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    named = texts(frame)
    numbers = [column for column in frame if column not in named]
    return make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), named),
    )


def linear(frames: Frames, target: pd.Series, is_regression: bool) -> Outcome:
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline

    frames = as_texts(frames)
    last = RidgeCV(alphas=(0.1, 1, 10, 100)) if is_regression else LogisticRegression(max_iter=500)
    return timed(make_pipeline(one_hot(frames[0]), last), frames, target, is_regression)


def perceptron(frames: Frames, target: pd.Series, is_regression: bool) -> Outcome:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frames = as_texts(frames)
    last = MLPRegressor(random_state=0) if is_regression else MLPClassifier(random_state=0)
    model = make_pipeline(one_hot(frames[0]), last)
    if is_regression:
        model = TransformedTargetRegressor(model, transformer=StandardScaler())
    return timed(model, frames, target, is_regression)


RIVALS: dict[str, Callable[[Frames, pd.Series, bool], Outcome]] = {
    "CatBoost": catboost,
    "HistGB": hist_gradient_boosting,
    "LightGBM": lightgbm,
    "XGBoost": xgboost,
    "MLP": perceptron,
    "linear": linear,
}

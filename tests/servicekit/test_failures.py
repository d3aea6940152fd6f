"""What a log may say of an error."""

import pytest
from pydantic import BaseModel, ValidationError

from servicekit.run.failures import described


class Model(BaseModel):
    number: int


def test_values_stay_out_and_places_stay_in() -> None:
    value = "terces"[::-1]  # the source of a frame is shown
    with pytest.raises(ValidationError) as invalid:
        Model.model_validate({"number": value})
    with pytest.raises(ValueError, match=value) as chained:
        look_up(value)
    group = described(ExceptionGroup(value, [ValueError(value), TypeError("int is not str")]))
    texts = [described(invalid.value), described(chained.value), group]

    assert not any(value in text for text in texts)
    assert all("test_failures.py" in text for text in texts[:2])
    assert "KeyError" in texts[1]
    assert "TypeError: int is not str" in group


def look_up(value: str) -> None:
    try:
        dict[str, str]()[value]
    except KeyError as missing:
        raise ValueError(value) from missing

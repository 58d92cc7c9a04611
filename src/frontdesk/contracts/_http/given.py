"""How a handler asks for what it is given by name: `work: Given[Work]`. `FromPath[str]` is for path parameters,
`data: JSONBody[Shape]` for bodies."""

from typing import TypeAlias, TypeVar

from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

T = TypeVar("T")

Given: TypeAlias = NamedDependency[SkipValidation[T]]
"""A dependency, taken as it is."""

__all__ = ["FromPath", "Given", "JSONBody"]

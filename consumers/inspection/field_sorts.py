"""What a field's name says of its values, before one looks at any of them."""

from typing import Literal

from consumers.inspection.vocabulary import flat, holds, names, parts

Sort = Literal["personal", "somebody", "name", "text", "title", "code", "id", "other"]

_LABEL = "@OData.Community.Display.V1.FormattedValue"  # Dataverse: what a form shows of another field


def sort_of(path: tuple[str, ...]) -> Sort:  # noqa: PLR0911  (one question after another)
    """What a field's name says of its values; a field within one of people's is theirs."""
    if path[-1].endswith(_LABEL) and not path[-1].startswith("_"):  # of a choice; a lookup's begins with _
        path = (*path[:-1], path[-1].removesuffix(_LABEL))
    if any(holds(name, "personal", "anywhere") for name in path):
        return "personal"
    name = path[-1]
    if any(holds(each, "personal", "somebody") for each in path):
        return "somebody"
    if flat(name) in {*names("job_titles", "names"), *names("job_titles", "departments")}:
        return "title"
    is_code = bool({*parts(name), flat(name)} & {*names("codes", "anywhere")})
    if holds(name, "free_text", "anywhere") and not is_code:
        return "text"
    if is_code:
        return "code"
    if names_an_id(path):
        return "id"
    if any(holds(each, "personal", "name") for each in path):
        return "name"
    return "other"


def names_an_id(path: tuple[str, ...]) -> bool:
    """Whether the field is called as ids are."""
    name = path[-1]
    return bool({*parts(name)[-1:]} & {*names("ids", "endings")}) or flat(name) in names("ids", "names")


def names_a_thing(path: tuple[str, ...]) -> bool:
    """Whether ids of the field may hold words: of things, not of people, who are called by their names."""
    return names_an_id(path) and not holds(path[-1], "personal", "name")

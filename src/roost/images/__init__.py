"""The images of a pool: made where they are missing, found where they are."""

from roost.images.derived import ensure_derived, find_derived
from roost.images.ensure import ensure_images
from roost.images.find import find_images
from roost.images.model import DEFAULT_SUITE, ImageSet, RoleImage

__all__ = [
    "DEFAULT_SUITE",
    "ImageSet",
    "RoleImage",
    "ensure_derived",
    "ensure_images",
    "find_derived",
    "find_images",
]

"""The portal's map with the style guide, which an installation in earnest does not show."""

from __future__ import annotations

from finsam import styleguide
from finsam.urls import urlpatterns as real

urlpatterns = [*styleguide.urlpatterns, *real]

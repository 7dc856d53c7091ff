"""How large a file may be in each respect. Far above honest files, far below harmful ones."""

from __future__ import annotations

MEGABYTE = 1024 * 1024

# A packed file
ENTRIES = 3_000
UNPACKED = 40 * MEGABYTE
RATIO = 150
RATIO_COUNTS_ABOVE = 10 * MEGABYTE
NAME_LENGTH = 255

# The markup inside
XML_DEPTH = 120

# A workbook
SHEETS = 50
ROWS = 20_000
LAST_COLUMN = "IV"  # the 256th
COLUMNS = 256
LARGEST_NUMBER = 1e12
FORMULA_LENGTH = 16_384

# A PDF
PAGES = 2_000
PAGE_SIDE = 14_400  # points; what the format itself allows
PAGE_TEXT = 200 * MEGABYTE

# A picture
MEGAPIXELS = 50
PIXELS = MEGAPIXELS * 1_000_000

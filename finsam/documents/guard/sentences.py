"""The sentence for every code of the guard: what is wrong with the file, and what to do."""

from __future__ import annotations

from finsam.documents.guard import limits

_SAVE_AGAIN = "Öppna den i det program där den gjordes, spara den på nytt och lämna in den igen."
_NEW_FILE = "Kopiera innehållet till en ny, tom fil och lämna in den i stället."
_PRINT_PDF = "Skriv ut den till en ny PDF och lämna in den i stället."

REFUSALS = {
    # Any file
    "empty": "Filen är tom. Kontrollera att den är sparad och välj den igen.",
    "too_big": (
        "Filen är större än {megabytes} MB. "
        "Minska bilderna i den eller dela upp innehållet på flera filer."
    ),
    "type_not_allowed": (
        "Den sortens fil kan inte lämnas in här. Spara innehållet som {allowed} "
        "och lämna in den filen i stället."
    ),
    "wrong_type": (
        "Filens innehåll är inte det som namnet säger. Öppna filen i det program där den "
        "gjordes, spara den som {kind} och lämna in den igen."
    ),
    "polyglot": (
        "Filen är två sorters filer på en gång, så att olika program kan visa olika saker. "
        "Spara den på nytt som {kind} och lämna in den igen."
    ),
    "password_protected": ("Filen är låst med lösenord. Ta bort lösenordet och lämna in den igen."),
    "virus": (
        "Viruskontrollen varnar för filen. Lämna inte in den igen. "
        "Kontrollera datorn eller fråga it-avdelningen."
    ),
    "unreadable": f"Filen kunde inte läsas. {_SAVE_AGAIN}",
    # How an Office file is packed
    "zip_corrupt": f"Filen är skadad och kan inte läsas i sin helhet. {_SAVE_AGAIN}",
    "zip_bad_name": f"Filen innehåller delar som pekar ut ur filen. {_NEW_FILE}",
    "zip_duplicate": (
        "Filen innehåller samma del två gånger, så att olika program kan visa olika uppgifter. "
        f"{_SAVE_AGAIN}"
    ),
    "zip_too_many_entries": (
        f"Filen består av för många delar för att kunna läsas säkert. {_NEW_FILE}"
    ),
    "zip_too_large_uncompressed": (
        "Filen blir för stor när den öppnas. Ta bort tomma rader, oanvända ark "
        "och stora bilder, spara den och lämna in den igen."
    ),
    "xml_dtd": f"Filen försöker hämta innehåll från andra filer. {_NEW_FILE}",
    "xml_invalid": f"Filens innehåll är trasigt och kan inte läsas. {_SAVE_AGAIN}",
    # What an Office file holds
    "macro": (
        "Filen innehåller makron, det vill säga program som körs när den öppnas. "
        "Spara den som {kind} utan makron och lämna in den igen."
    ),
    "external_link": (
        "Filen hämtar innehåll från en annan plats när den öppnas. Bryt länkarna, "
        "klistra in innehållet i själva filen och lämna in den igen."
    ),
    "embedded_object": (
        "Filen har en annan fil inbäddad i sig. Ta bort den inbäddade filen "
        "och lämna in den för sig."
    ),
    "dangerous_formula": (
        "En formel i filen hämtar uppgifter från nätet eller startar program. "
        "Ersätt formeln med dess värde och lämna in filen igen."
    ),
    "dangerous_field": (
        "Ett fält i texten hämtar innehåll från en annan plats eller startar program. "
        "Ersätt fältet med vanlig text eller bild och lämna in filen igen."
    ),
    "too_many_rows": (
        "Arbetsboken har uppgifter längre ned än rad {rows}. Ta bort det som står långt ned "
        "på arken, spara den och lämna in den igen."
    ),
    "too_many_columns": (
        "Arbetsboken har uppgifter längre åt höger än kolumn {columns}. Ta bort det som står "
        "långt åt höger på arken, spara den och lämna in den igen."
    ),
    "too_many_sheets": (
        "Arbetsboken har fler än {sheets} ark. Ta bort dem som inte behövs, "
        "spara den och lämna in den igen."
    ),
    # PDF
    "pdf_active_content": (
        f"PDF:en innehåller program eller knappar som gör något när den öppnas. {_PRINT_PDF}"
    ),
    "pdf_xfa": (
        "PDF:en är ett formulär som bara kan visas i vissa program och inte kan bevaras. "
        f"{_PRINT_PDF}"
    ),
    "pdf_embedded_file": (
        "PDF:en har andra filer bifogade i sig. Ta bort dem och lämna in dem för sig."
    ),
    "pdf_damaged": (
        "PDF:en är skadad och sidor går inte att läsa. Gör en ny PDF och lämna in den i stället."
    ),
    "pdf_too_complex": (
        "PDF:en har för många eller för stora sidor. Dela upp den på flera filer "
        "eller spara sidorna i mindre format."
    ),
    # Pictures
    "image_too_large": (
        "Bilden har fler än {megapixels} miljoner bildpunkter. "
        "Spara den i mindre storlek och lämna in den igen."
    ),
    "image_damaged": (
        "Bilden är skadad och går inte att visa i sin helhet. Spara den på nytt "
        "och lämna in den igen."
    ),
}

WARNINGS = {
    "hidden_sheet": (
        "Arbetsboken har dolda ark, och det som står där lämnas också in. "
        "Ta bort arken om de inte ska vara med."
    ),
    "external_link": (
        "Filen hänvisar till en annan fil, som inte hämtas. "
        "Kontrollera att allt som behövs står i den här filen."
    ),
    "tracked_changes": (
        "Texten har spårade ändringar, och det som är struket kan fortfarande läsas. "
        "Godkänn eller avvisa ändringarna om det inte ska synas."
    ),
    "encrypted_no_user_password": (
        "PDF:en är skyddad mot ändringar men går att öppna. "
        "Lämna gärna in en oskyddad PDF, så att den kan läsas även i framtiden."
    ),
    "pdf_repaired": (
        "PDF:en var skadad men kunde lagas. Öppna den och kontrollera att alla sidor är med."
    ),
}


def refusal(reason: str, **words: object) -> str:
    """The sentence of a refusal, with the limits and kinds that it speaks of."""
    return REFUSALS[reason].format(
        rows=f"{limits.ROWS:,}".replace(",", "\u00a0"),
        columns=limits.LAST_COLUMN,
        sheets=limits.SHEETS,
        megapixels=limits.MEGAPIXELS,
        **words,
    )

"""What is said of the right to appeal, where a document is not handed out or only in part."""

from __future__ import annotations

from finsam.associations.models import Association


def masked_notice(association: Association) -> str:
    """On a masked copy: how to get a decision that can be appealed against (OSL 6:3, 6:7-8)."""
    return (
        "Delar av handlingen är maskerade för att de omfattas av sekretess. Du har rätt att få "
        f"frågan prövad av {association.name} och att få ett skriftligt beslut (6 kap. 3 § "
        "offentlighets- och sekretesslagen). Skriv till oss om du vill det. Det skriftliga "
        "beslutet kan du överklaga till kammarrätten (6 kap. 7 och 8 §§) inom tre veckor från "
        "den dag då du fick del av det. I beslutet står hur du gör."
    )


def how_to_appeal(association: Association) -> str:
    """On a decision not to hand out: where, how and within what time (förvaltningslagen 33, 43-44).

    The appeal is written to the court and given in to who decided, who tries that it came in time.
    """
    lines = (line.strip() for line in association.address.splitlines())
    way = ", ".join(line for line in (*lines, association.email) if line)
    where = f" ({way})" if way else ""
    return (
        "Du kan överklaga beslutet till kammarrätten (6 kap. 7 och 8 §§ offentlighets- och "
        "sekretesslagen).\n\n"
        "Skriv vilket beslut du överklagar, med ärendets nummer och beslutets dag, och hur du vill "
        "att det ändras. Berätta gärna varför. Skriv också ditt namn och hur vi når dig.\n\n"
        "Ställ överklagandet till kammarrätten, men lämna eller skicka det till "
        f"{association.name}{where}. Det ska ha kommit in till oss inom tre veckor från den dag då "
        "du fick del av beslutet (43 och 44 §§ förvaltningslagen). Om vi inte ändrar beslutet som "
        "du vill, skickar vi överklagandet vidare till kammarrätten."
    )

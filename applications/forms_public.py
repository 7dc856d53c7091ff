"""Forms of the public pages and of the dialogue about a template."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.template_dialogue import LONGEST_COMMENT
from finsam.associations.models import Member, PartyKind
from finsam.fields import LongTextField

OUTSIDE = "utomstaende"


class EligibilityForm(forms.Form):
    """Kan vi söka? Three questions; answered by GET, so that the answer can be shared."""

    hide_optional = True

    huvudman = forms.ChoiceField(label="1. Vilken organisation ska vara huvudman?")
    parter = forms.MultipleChoiceField(
        label="2. Vilka fler ska vara med?",
        help_text="Välj alla som ni har talat med.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    utover = forms.ChoiceField(
        label="3. Går det ni vill göra utöver det som parterna redan ska göra?",
        choices=[("ja", "Ja"), ("nej", "Nej, det ingår i någon parts uppdrag")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, members: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {member.slug: member for member in members}
        choices = [(member.slug, member.name) for member in members]
        leading = [(slug, name) for slug, name in choices if self._may_lead(slug)]
        lead, parties = self.fields["huvudman"], self.fields["parter"]
        if isinstance(lead, forms.ChoiceField) and isinstance(parties, forms.MultipleChoiceField):
            lead.choices = [("", "Välj"), *leading, (OUTSIDE, "En annan organisation")]
            parties.choices = choices

    def _may_lead(self, slug: str) -> bool:
        return self.members[slug].kind != PartyKind.EXTERNAL

    def lead(self) -> Member | None:
        return self.members.get(self.cleaned_data["huvudman"])

    def others(self) -> list[Member]:
        return [self.members[slug] for slug in self.cleaned_data["parter"]]

    def is_beyond_ordinary(self) -> bool:
        return bool(self.cleaned_data["utover"] == "ja")


class AskForm(forms.Form):
    """A message to the office about a round."""

    member = forms.ModelChoiceField(
        label="Du skriver för", queryset=Member.objects.none(), empty_label=None
    )
    body = LongTextField(label="Din fråga", max_length=4000)

    def __init__(self, *args: Any, members: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["member"]
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = Member.objects.filter(pk__in=[member.pk for member in members])
        if len(members) == 1:
            choice.initial = members[0]
            choice.widget = forms.HiddenInput()


class CommentForm(forms.Form):
    body = LongTextField(label="Din kommentar", max_length=LONGEST_COMMENT)


class AnswerForm(forms.Form):
    answer = LongTextField(label="Svar", max_length=LONGEST_COMMENT)


class RewordForm(forms.Form):
    prompt = LongTextField(label="Frågan", max_length=1000)
    help = LongTextField(label="Hjälptexten", max_length=2000, required=False)

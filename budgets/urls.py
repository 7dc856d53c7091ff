"""The pages of economy: the year, its frames, tried distributions, and the transfers behind."""

from __future__ import annotations

from django.urls import path, register_converter

from budgets.views import base_payments, batches, economy, payments, trial, year_plan


class YearConverter:
    """A year of four digits, as the law has had them: another is no page."""

    regex = "20[0-9]{2}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(YearConverter, "year")
app_name = "budgets"
REQUEST = "<slug:association>/rekvisitioner/<uuid:payment>/"
BASE = "<slug:association>/ekonomi/<year:year>/basfinansiering/"
BATCHES = "<slug:association>/ekonomi/betalfiler/"
urlpatterns = [
    path("<slug:association>/ekonomi/", economy.latest, name="year"),
    path("<slug:association>/ekonomi/<year:year>/", economy.year, name="year_of"),
    path("<slug:association>/ekonomi/<year:year>/bidrag/", year_plan.contributions, name="plan"),
    path("<slug:association>/ekonomi/<year:year>/inbetalning/", year_plan.payment, name="payment"),
    path("<slug:association>/ekonomi/<year:year>/fordela/", year_plan.divide, name="divide"),
    path("<slug:association>/ekonomi/<year:year>/ny-ram/", year_plan.new_frame, name="new_frame"),
    path(BASE, year_plan.base, name="base"),
    path(
        "<slug:association>/basfinansiering/<year:year>/", base_payments.claims, name="base_claims"
    ),
    path(f"{BASE}utbetalningar/", base_payments.payments, name="base_payments"),
    path(
        "<slug:association>/ekonomi/basfinansiering/utbetalning/<int:base_payment>/",
        base_payments.payment,
        name="base_payment",
    ),
    path(
        "<slug:association>/ekonomi/<year:year>/pengar/<slug:place>/", economy.place, name="place"
    ),
    path("<slug:association>/ekonomi/konto/<int:account>/", economy.account, name="account"),
    path("<slug:association>/ekonomi/ram/<int:frame>/", economy.frame, name="frame"),
    path("<slug:association>/ekonomi/ram/<int:frame>/prova/", trial.try_out, name="try"),
    path("<slug:association>/ekonomi/ram/<int:frame>/jamfor/", trial.compare, name="compare"),
    path(
        "<slug:association>/ekonomi/ram/<int:frame>/forslag/<int:allocation>/for-fram/",
        trial.propose,
        name="propose",
    ),
    path("<slug:association>/ekonomi/regler/", batches.rules, name="rules"),
    path(BATCHES, batches.batches, name="batches"),
    path(f"{BATCHES}<int:number>/", batches.batch, name="batch"),
    path(f"{BATCHES}<int:number>/<slug:kind>/", batches.batch_file, name="batch_file"),
    path("<slug:association>/rekvisitioner/", payments.payment_requests, name="payment_requests"),
    path(REQUEST, payments.payment_request, name="payment_request"),
    path(f"{REQUEST}utdrag/", payments.extract, name="payment_extract"),
    path(f"{REQUEST}<slug:step>/", payments.payment_step, name="payment_step"),
]

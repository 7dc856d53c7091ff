"""Where the signing service calls back. A call is only a hint: the answer is fetched and proved."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from finsam.documents.external_signing.orders import promise_look
from finsam.documents.external_signing.service import ForgedCall, ServiceDown, signing_service
from finsam.documents.models import SigningOrder


@csrf_exempt  # the service has no session; its own signature is proved instead
@never_cache
@require_POST
def signing_call(request: HttpRequest) -> HttpResponse:
    """204 to the service's own call, however often it comes; 403 to a forged or old one."""
    try:
        service = signing_service()
        if service is None:
            raise Http404
        call = service.hear(request.body, request.headers)
    except ForgedCall:
        return HttpResponse("Underskriften på anropet stämmer inte.", status=403)
    except ServiceDown as fault:
        raise Http404 from fault
    order = (
        SigningOrder.objects.select_related("association", "user")
        .filter(reference=call.reference)
        .first()
    )
    if order is None:
        raise Http404
    if order.is_live:
        promise_look(order, f"called:{call.event}", follows=False)
    return HttpResponse(status=204)

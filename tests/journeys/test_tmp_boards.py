"""Scratch: pictures of every page."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from applications.models import Milestone
from boards import attendance, decisions, memos, sitting
from boards import council as c
from boards import minutes as m
from boards.dispatch import send_packet
from boards.models import *
from boards.packet import make_packet
from finsam import clock
from finsam.associations.models import NoticeBoard
from finsam.jobs.work import run_waiting
from finsam.people.models import RoleKind
from tests import factories as make

OUT = Path(os.environ.get("OUT", "/tmp/pics"))
OUT.mkdir(exist_ok=True)
NAMES = [
    "Maja Lindqvist",
    "Erik Sandell",
    "Karin Holmér",
    "Johan Ekström",
    "Lena Wallin",
    "Per Nyberg",
    "Sara Åkesson",
    "Anders Blom",
    "Eva Rydell",
    "Mats Öhman",
    "Ulla Persson",
    "Bo Fransson",
    "Inga Sköld",
    "Nils Dahlin",
    "Rut Hagman",
    "Åsa Lundin",
]
TITLES = ["Hållplatsen", "Vägar vidare", "Åter", "Språket bär", "Steg in"]


@pytest.fixture
def world(association):
    association.colour = "#0b5d57"
    association.remote_participation = True
    association.save()
    NoticeBoard.objects.create(
        association=association, member=association.members.get(slug="kommunen"), name="Ekby kommun"
    )
    NoticeBoard.objects.create(
        association=association, member=association.members.get(slug="regionen"), name="Region Sjö"
    )
    director = make.make_person(RoleKind.DIRECTOR, association, name="Ingrid Hallberg")
    board = make.make_board(association, substitutes=1)
    council = make.make_council(association)
    for n, seat in zip(NAMES, [*board.seats.order_by("pk"), *council.seats.order_by("pk")]):
        seat.user.name = n
        seat.user.save()
    frame = make.make_frame(association)
    round_ = make.make_round(association, frame=frame)
    make.make_criteria(
        round_.programme,
        [
            "Bygger på analys av behov och samverkansbrister",
            "Har mål som går att följa upp",
            "Plan för utvärdering",
        ],
    )
    for i, (t, d) in enumerate(
        [("Beredning i Utvecklingsrådet", 9), ("Materialstopp", 11), ("Utskick till styrelsen", 14)]
    ):
        Milestone.objects.create(
            round=round_, key=f"m{i}", title=t, on=clock.today() + timedelta(days=d)
        )
    apps = []
    members = list(
        association.members.filter(kind__in=["municipality", "region"]).order_by("position")
    )
    for i, t in enumerate(TITLES):
        mem = members[i % 2]
        who = make.make_person(RoleKind.APPLICANT, association, mem, name=f"Sökande {i}")
        fn = make.make_submitted if i in (0, 1) else make.make_received
        a = fn(round_, mem, who, sought=[1950000, 3900000, 1700000, 1100000, 800000][i])
        type(a).objects.filter(pk=a.pk).update(title=t)
        apps.append(make.reread(a))
    return dict(
        association=association,
        director=director,
        board=board,
        council=council,
        frame=frame,
        round=round_,
        apps=apps,
    )


def snap(page, name):
    page.screenshot(path=OUT / f"{name}.png", full_page=True)


def shots(visit, user, pages, tag, axe=True):
    from tests.journeys import browser as tools

    for width in (1280, 390):
        page = visit(user, width=width)
        for name, url in pages.items():
            page.goto(url)
            snap(page, f"{tag}-{name}-{width}")
            faults = tools.accessibility_faults(page)
            over = tools.overflow(page)
            if faults or over > 0:
                print("!!", name, width, over, *faults[:12], sep="\n   ")
        page.close()


def test_a(world, visit, live_server, transactional_db):
    w = world
    d = w["director"]
    s = "/sjo"
    shots(
        visit,
        d,
        {"list-empty": f"{s}/moten/", "overview": f"{s}/kansli/", "plan": f"{s}/moten/nytt/"},
        "a",
    )
    apps = w["apps"]
    from applications.review import begin_review, request_supplement

    begin_review(application=apps[1], actor=d)
    begin_review(application=apps[2], actor=d)
    request_supplement(
        application=apps[2],
        sections=[apps[2].template.sections.get(key="goals")],
        message="Skriv mer om målen.",
        last_day=clock.today() + timedelta(days=9),
        actor=d,
    )
    prep = [make.make_in_preparation(a, d) for a in (apps[0], apps[3])]
    cm = make.make_meeting(w["council"], d, applications=prep)
    pk = lambda a: f"{s}/kansli/ansokningar/{a.public_id}/"
    shots(
        visit,
        d,
        {
            "apps": f"{s}/kansli/ansokningar/",
            "review-new": pk(apps[4]),
            "review": pk(apps[1]),
            "review-returned": pk(apps[2]),
            "supplement": pk(apps[1]) + "komplettering/",
            "dismiss": pk(apps[1]) + "avskriv/",
            "settings": f"{s}/kansli/installningar/",
            "meetings": f"{s}/moten/",
            "council-meeting": f"{s}/moten/{cm.pk}/",
            "council-room-called": f"{s}/moten/{cm.pk}/rum/",
        },
        "b",
    )
    item = cm.items.filter(kind="decision").first()
    member = w["council"].seats.first().user
    shots(
        visit,
        member,
        {
            "council-home": f"{s}/radet/",
            "assess": f"{s}/radet/{item.pk}/",
            "member-meeting": f"{s}/moten/{cm.pk}/",
            "member-room": f"{s}/moten/{cm.pk}/rum/",
        },
        "c",
    )
    make.open_with_all(cm, d)
    make.settle_formal(cm, d)
    shots(visit, d, {"council-room": f"{s}/moten/{cm.pk}/rum/"}, "c")
    views = {
        one.pk: c.View(
            AssessmentVerdict.MET if i else AssessmentVerdict.PARTLY,
            "Genomgång av 190 avslutade ärenden." if not i else "",
        )
        for i, one in enumerate(w["round"].programme.criteria.all())
    }
    for it, amount in zip(
        cm.items.filter(kind="decision").order_by("position"), (1850000, 1100000)
    ):
        c.record_recommendation(
            item=it,
            kind=RecommendationKind.ENDORSE
            if amount == 1100000
            else RecommendationKind.ENDORSE_AMENDED,
            amount=amount,
            text="Insatsen svarar mot behoven.",
            views=views,
            actor=d,
        )
    shots(visit, d, {"memo-start": f"{s}/kansli/underlag/{prep[0].public_id}/"}, "d")
    memo = memos.start_memo(application=prep[0], actor=d)
    shots(visit, d, {"memo": f"{s}/kansli/underlag/{prep[0].public_id}/"}, "d")
    memos.finish_memo(memo=memo, actor=d)
    memos.finish_memo(memo=memos.start_memo(application=prep[1], actor=d), actor=d)
    prep = [make.reread(a) for a in prep]
    bm = make.make_meeting(w["board"], d, applications=prep, called=False)
    shots(
        visit,
        d,
        {"meeting-planned": f"{s}/moten/{bm.pk}/", "call": f"{s}/moten/{bm.pk}/kalla/"},
        "e",
    )
    from boards.dispatch import send_notice

    send_notice(meeting=bm, actor=d)
    shots(
        visit,
        d,
        {
            "meeting-called": f"{s}/moten/{bm.pk}/",
            "memo-done": f"{s}/kansli/underlag/{prep[0].public_id}/",
            "overview2": f"{s}/kansli/",
        },
        "e",
    )
    p = make_packet(meeting=bm, actor=d)
    run_waiting(200)
    send_packet(packet=p, actor=d)
    af = w["board"].seats.get(member__slug="af", function="member")
    member = w["board"].seats.get(member__slug="kommunen", function="member")
    shots(
        visit,
        member.user,
        {
            "board-home": f"{s}/styrelse/",
            "board-meeting": f"{s}/moten/{bm.pk}/",
            "board-room": f"{s}/moten/{bm.pk}/rum/",
        },
        "f",
    )
    shots(visit, d, {"room-called": f"{s}/moten/{bm.pk}/rum/"}, "g")
    for seat in attendance.ordinary_seats(w["board"], bm.starts_at):
        if seat != af:
            attendance.arrive(meeting=bm, seat=seat, actor=d, is_remote=seat.member.slug == "fk")
    attendance.arrive(
        meeting=bm,
        seat=w["board"].seats.get(member__slug="kommunen", function="substitute"),
        actor=d,
    )
    attendance.note_guest(meeting=bm, name="Ingrid Hallberg", function="Förbundschef", actor=d)
    bm = sitting.open_meeting(meeting=bm, actor=d)
    shots(visit, d, {"room-opening": f"{s}/moten/{bm.pk}/rum/"}, "g")
    sitting.finish_formal_item(item=bm.items.get(kind="opening"), actor=d)
    shots(visit, d, {"room-attesters": f"{s}/moten/{bm.pk}/rum/"}, "g")
    make.settle_formal(bm, d)
    item = bm.items.filter(kind="decision").order_by("position").first()
    attendance.declare_recusal(
        item=item,
        seat=member,
        served_by=w["board"].seats.get(member__slug="kommunen", function="substitute"),
        reason="",
        actor=d,
    )
    decisions.put_motion(
        item=item,
        seat=w["board"].seats.get(member__slug="fk", function="vice_chair"),
        text="Bifall till förslaget",
        outcome=Outcome.GRANTED,
        amount=None,
        actor=d,
    )
    shots(visit, d, {"room-decision": f"{s}/moten/{bm.pk}/rum/"}, "g")
    shots(visit, member.user, {"room-recused": f"{s}/moten/{bm.pk}/rum/"}, "g")
    page = visit(d, width=390)
    page.goto(f"{s}/moten/{bm.pk}/rum/")
    page.get_by_label("Omröstning har begärts").check()
    page.wait_for_timeout(900)
    snap(page, "g-room-vote-390")
    page = visit(d)
    page.goto(f"{s}/moten/{bm.pk}/rum/")
    page.get_by_label("Omröstning har begärts").check()
    page.get_by_label("Belopp som beviljas").fill("9 900 000")
    page.wait_for_timeout(900)
    page.get_by_role("button", name="Fastställ beslutet").click()
    snap(page, "g-room-error-1280")
    make.grant_as_proposed(item, d)
    item2 = bm.items.filter(kind="decision").order_by("position").last()
    seats = {
        one.seat.pk: (VoteChoice.YES if one.seat.member.slug != "fk" else VoteChoice.NO)
        for one in attendance.presence(bm, item2).serving
    }
    decisions.record_decision(
        item=item2,
        outcome=Outcome.GRANTED,
        amount=1100000,
        frame=w["frame"],
        votes=seats,
        conditions="Delrapport i maj.",
        actor=d,
    )
    sitting.announce_dissent(
        item=item2,
        seat=w["board"].seats.get(member__slug="fk", function="vice_chair"),
        text="Beloppet är för högt.",
        actor=d,
    )
    shots(
        visit,
        d,
        {
            "room-decided": f"{s}/moten/{bm.pk}/rum/?arende={item2.pk}",
            "close-left": f"{s}/moten/{bm.pk}/rum/avsluta/",
        },
        "g",
    )
    make.settle_formal(bm, d, closing=True)
    shots(
        visit,
        d,
        {"room-all-done": f"{s}/moten/{bm.pk}/rum/", "close": f"{s}/moten/{bm.pk}/rum/avsluta/"},
        "h",
    )
    mi = m.close_meeting(meeting=bm, actor=d)
    shots(
        visit,
        d,
        {
            "minutes-draft": f"{s}/moten/{bm.pk}/protokoll/",
            "paragraph": f"{s}/moten/{bm.pk}/protokoll/5/",
            "room-closed": f"{s}/moten/{bm.pk}/rum/",
        },
        "h",
    )
    from boards.after_attestation import promise_minutes

    sent = m.send_to_attesters(minutes=mi, actor=d)
    promise_minutes(sent, d)
    chair = w["board"].seats.get(function="chair").user
    shots(
        visit,
        chair,
        {"attest-home": f"{s}/styrelse/", "attest": f"{s}/moten/{bm.pk}/protokoll/"},
        "i",
    )
    make_att = [x for x in sent.meeting.attesters.select_related("seat__user")]
    from boards.attestation import attest

    for x in make_att:
        attest(minutes=sent, actor=x.seat.user, password=make.PASSWORD, seen_hash=sent.content_hash)
    run_waiting(200)
    from boards.notices import post_notice

    post_notice(notice=sent.notices.first(), posted_on=clock.today(), actor=d)
    shots(
        visit,
        d,
        {
            "minutes-attested": f"{s}/moten/{bm.pk}/protokoll/",
            "meeting-closed": f"{s}/moten/{bm.pk}/",
            "overview3": f"{s}/kansli/",
            "app-decided": pk(prep[0]),
            "meetings-after": f"{s}/moten/",
        },
        "i",
    )
    shots(visit, None, {"notice-board": f"{s}/anslagstavla/"}, "i")
    from finsam.documents.models import Document
    from finsam.documents.storage import open_file

    for doc in Document.objects.all():
        (OUT / f"doc-{doc.kind}-{doc.pk}.pdf").write_bytes(open_file(doc.pdf))
        if doc.docx:
            (OUT / f"doc-{doc.kind}-{doc.pk}.docx").write_bytes(open_file(doc.docx))

"""The map of meetings, minutes and memos."""

from __future__ import annotations

from django.urls import path

from boards.views import (
    board,
    bodies,
    council,
    delegation,
    immediate,
    interruptions,
    memo,
    minutes,
    overview,
    packet,
    planning,
    presence,
    public,
    room,
)

app_name = "boards"
MEETING = "<slug:association>/moten/<int:meeting>/"
ITEM = f"{MEETING}arende/<int:item>/"
BODY = "<slug:association>/organ/<slug:body>/"

urlpatterns = [
    path("<slug:association>/kansli/", overview.overview, name="dashboard"),
    path("<slug:association>/delegation/", delegation.delegated, name="delegated"),
    path("<slug:association>/delegation/nytt/", delegation.write, name="write_delegated"),
    path("<slug:association>/organ/", bodies.bodies, name="bodies"),
    path(BODY, bodies.body, name="body"),
    path(f"{BODY}namn/", bodies.rename, name="rename_body"),
    path(f"{BODY}plats/", bodies.give, name="give_seat"),
    path(f"{BODY}plats/<int:seat>/", bodies.seat, name="seat"),
    path("<slug:association>/moten/", planning.meetings, name="meetings"),
    path("<slug:association>/moten/nytt/", planning.plan, name="plan"),
    path(MEETING, planning.meeting, name="meeting"),
    path(f"{MEETING}arende/nytt/", planning.add_item, name="add_item"),
    path(f"{MEETING}arende/ansokan/", planning.add_application, name="add_application"),
    path(f"{ITEM}andra/", planning.change_item, name="change_item"),
    path(f"{MEETING}kalla/", planning.call, name="call"),
    path(f"{MEETING}paket/", planning.packet, name="packet"),
    path(f"{MEETING}paket/skicka/", planning.send_packet, name="send_packet"),
    path(f"{MEETING}paket/hamta/", board.download, name="download"),
    path(f"{MEETING}handlingar/", packet.documents, name="packet_documents"),
    path(f"{MEETING}handlingar/utan-jav/", packet.without, name="packet_without"),
    path(f"{MEETING}handlingar/<int:item>/", packet.item, name="packet_item"),
    path(f"{MEETING}rum/", room.room, name="room"),
    path(f"{MEETING}rum/oppna/", room.open_meeting, name="open"),
    path(f"{MEETING}rum/nu/", room.live, name="live"),
    path(f"{MEETING}rum/upprop/", presence.call_the_roll, name="roll"),
    path(f"{MEETING}rum/narvaro/", presence.note_attendance, name="attendance"),
    path(f"{MEETING}rum/narvaro/<int:seat>/", presence.correct, name="correct_attendance"),
    path(f"{MEETING}rum/alla-har/", presence.arrive_all, name="arrive_all"),
    path(f"{MEETING}rum/ovriga/", presence.note_guest, name="guest"),
    path(f"{MEETING}rum/ajournera/", interruptions.pause, name="pause"),
    path(f"{MEETING}flytta/", interruptions.move, name="move_meeting"),
    path(f"{MEETING}stall-in/", interruptions.cancel, name="cancel_meeting"),
    path(f"{ITEM}ratta/", interruptions.correct_item, name="correct_item"),
    path(f"{ITEM}val/", interruptions.elect, name="election"),
    path(f"{MEETING}rum/avsluta/", room.close, name="close"),
    path(f"{ITEM}ta-upp/", room.take_up, name="take_up"),
    path(f"{ITEM}formellt/", room.finish_formal, name="formal"),
    path(f"{ITEM}justerare/", room.elect_attesters, name="elect"),
    path(f"{ITEM}jav/", presence.declare_recusal, name="recuse"),
    path(f"{ITEM}yrkande/", room.put_motion, name="motion"),
    path(f"{ITEM}ordalydelse/", room.wording, name="wording"),
    path(f"{ITEM}yrkande/ater/", room.withdraw_motion, name="withdraw_motion"),
    path(f"{ITEM}beslut/", room.decide, name="decide"),
    path(f"{ITEM}reservation/", room.announce_dissent, name="dissent"),
    path(f"{ITEM}rekommendation/", room.recommend, name="recommend"),
    path(f"{ITEM}omedelbar/", immediate.page, name="immediate"),
    path(f"{ITEM}omedelbar/steg/", immediate.advance, name="immediate_advance"),
    path(f"{ITEM}omedelbar/justera/", immediate.attest, name="immediate_attest"),
    path(f"{ITEM}anteckning/", board.note, name="note"),
    path(f"{MEETING}protokoll/", minutes.minutes, name="minutes"),
    path(f"{MEETING}protokoll/steg/", minutes.advance, name="minutes_advance"),
    path(f"{MEETING}protokoll/justera/", minutes.attest, name="attest"),
    path(f"{MEETING}protokoll/tillbaka/", minutes.send_back, name="send_back"),
    path(f"{MEETING}protokoll/<int:number>/", minutes.paragraph, name="paragraph"),
    path(f"{MEETING}anslag/<int:notice>/", minutes.note_notice, name="note_notice"),
    path("<slug:association>/anslagstavla/", public.notice_board, name="notice_board"),
    path("<slug:association>/styrelse/", board.home, name="board_home"),
    path("<slug:association>/radet/", council.home, name="council_home"),
    path("<slug:association>/radet/<int:item>/", council.assess, name="assess"),
    path("<slug:association>/kansli/underlag/<uuid:public_id>/", memo.memo, name="memo"),
    path(
        "<slug:association>/kansli/underlag/<uuid:public_id>/borja/", memo.start, name="memo_start"
    ),
    path(
        "<slug:association>/kansli/underlag/<uuid:public_id>/klart/",
        memo.finish,
        name="memo_finish",
    ),
    path(
        "<slug:association>/kansli/underlag/<uuid:public_id>/gor-om/",
        memo.renew,
        name="memo_renew",
    ),
]

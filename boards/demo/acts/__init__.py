"""The acts of a story, each by the person whose act it is, through the pages' own services."""

from __future__ import annotations

from boards.demo.acts.agreeing import (
    ask_for_longer,
    revise_budget,
    send_agreement,
    set_plan_of_return,
    settle_returns,
    sign_agreement,
    start_effort,
)
from boards.demo.acts.applying import (
    agree_on_time_plans,
    answer_sketch,
    begin_application,
    send_sketch,
    sign_by_all,
    submit,
    write_application,
    write_budget,
)
from boards.demo.acts.cast import Cast, at_time, fresh
from boards.demo.acts.meeting import (
    attest_by_all,
    call,
    decide_all,
    decide_on_delegation,
    gather,
    plan,
    post_everywhere,
    put_on_agenda,
    send_documents,
    settle_formal,
    take_down_everywhere,
    treat_in_council,
)
from boards.demo.acts.preparing import (
    ask_bodies,
    end_consultation,
    give_statements,
    review_application,
    write_memo,
)

__all__ = [
    "Cast",
    "agree_on_time_plans",
    "answer_sketch",
    "ask_bodies",
    "ask_for_longer",
    "at_time",
    "attest_by_all",
    "begin_application",
    "call",
    "decide_all",
    "decide_on_delegation",
    "end_consultation",
    "fresh",
    "gather",
    "give_statements",
    "plan",
    "post_everywhere",
    "put_on_agenda",
    "review_application",
    "revise_budget",
    "send_agreement",
    "send_documents",
    "send_sketch",
    "set_plan_of_return",
    "settle_formal",
    "settle_returns",
    "sign_agreement",
    "sign_by_all",
    "start_effort",
    "submit",
    "take_down_everywhere",
    "treat_in_council",
    "write_application",
    "write_budget",
    "write_memo",
]

"""What is known of flows, as the pages are told it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import structs

from callcenter.english.said import said
from callcenter.flows.bench import Draft, Tried
from callcenter.flows.desk import Compared, Done
from callcenter.flows.fault_words import in_chinese
from callcenter.flows.policies import NAME as POLICY
from callcenter.flows.traffic import Standing
from callcenter.trying.record import keys_of
from callcenter.web.flows_models import (
    FlowCompared,
    FlowDifference,
    FlowDrafted,
    FlowFact,
    FlowFault,
    FlowList,
    FlowMoved,
    FlowNamed,
    FlowNames,
    FlowOutline,
    FlowPrompt,
    FlowRelease,
    FlowSaid,
    FlowService,
    FlowSummary,
    FlowTried,
    FlowTurn,
    FlowVersion,
)
from ivr_flows.book import FROM_FILES, Book, Release, Version
from ivr_flows.catalogue import Catalogue
from ivr_flows.changes import Difference
from ivr_flows.model import Fault
from ivr_flows.names import CITIES, HOME_LANGUAGE
from ivr_flows.outline import Outline
from ivr_flows.talk import Told
from ivr_flows.turn import CallService, Collect, JoinQueue, RecordVoice, Transfer
from reports.passes import Pass
from seats.places import name_of


def version_answer(one: Version, book: Book) -> FlowVersion:
    """A version, and whether calls hear it."""
    heard = book.releases[-1].flows.get(one.flow) == one.version
    return FlowVersion(**structs.asdict(one), is_in_force=heard)


def province_policy(book: Book) -> FlowVersion:
    """The policy of the province folder, which is no version: it holds until one is published."""
    first = book.releases[0]
    return FlowVersion(
        flow=POLICY,
        version=0,
        state="published",
        author=FROM_FILES,
        reviewer=None,
        note="",
        created_at=first.at,
        decided_at=None,
        is_in_force=POLICY not in book.releases[-1].flows,
    )


def release_answer(one: Release) -> FlowRelease:
    """A release; the program words the note of what it brought itself."""
    note = said(one.note) if one.by == FROM_FILES else one.note
    return FlowRelease(**structs.asdict(one) | {"note": note})


def list_answer(
    book: Book,
    titles: dict[str, str],
    standing: dict[Standing, int],
    passed: dict[Pass, int],
) -> FlowList:
    """All flows by name; `titles` of those in force or newest."""
    calls_now, today = Counter[str](), Counter[str]()
    for at, calls in standing.items():
        calls_now[at.flow] += calls
    for one, calls in passed.items():
        today[one.flow] = max(today[one.flow], calls)  # of a flow's ways the one most gone
    names = dict.fromkeys([*(of for of, _ in sorted(book.versions)), POLICY])
    heard = book.releases[-1].flows
    return FlowList(
        release=book.releases[-1].release,
        flows=[
            FlowSummary(
                flow=name,
                title=titles.get(name, name),
                in_force=heard.get(name),
                next_version=book.next_version(name),
                versions=[
                    version_answer(book.versions[name, n], book)
                    for n in range(book.next_version(name) - 1, 0, -1)
                    if (name, n) in book.versions
                ],
                calls_now=calls_now[name],
                calls_today=today[name],
            )
            for name in names
        ],
        releases=[release_answer(one) for one in reversed(book.releases)],
    )


def outline_answer(one: Outline | None) -> FlowOutline | None:
    """A flow as it is drawn."""
    return None if one is None else FlowOutline.model_validate(one)


def fault_answers(faults: Iterable[Fault]) -> list[FlowFault]:
    """Faults in English as they are, and in Chinese."""
    return [
        FlowFault(
            line=one.line,
            where=one.where,
            what=one.what,
            words=in_chinese(one.what),
            is_warning=one.is_warning,
        )
        for one in faults
    ]


def difference_answers(found: Iterable[Difference]) -> list[FlowDifference]:
    """Differences in words."""
    return [FlowDifference(kind=one.kind, step=one.step, words=one.words) for one in found]


def drafted_answer(draft: Draft, next_version: int) -> FlowDrafted:
    """A text in the making."""
    return FlowDrafted(
        text=draft.text,
        outline=outline_answer(draft.outline),
        data=draft.data if draft.outline is None else None,
        faults=fault_answers(draft.faults),
        changes=difference_answers(draft.changes),
        next_version=next_version,
    )


def moved_answer(done: Done, book: Book) -> FlowMoved:
    """What a move did."""
    version, release = done.change.version, done.change.release
    return FlowMoved(
        version=version_answer(version, book) if version else None,
        release=release_answer(release) if release else None,
        faults=fault_answers(done.faults),
        held_back=done.is_held_back,
    )


def compared_answer(found: Compared) -> FlowCompared:
    """Two versions side by side."""
    return FlowCompared(
        flow=found.flow,
        old=found.old,
        new=found.new,
        differences=difference_answers(found.words),
        diff=list(found.lines),
    )


def names_answer(catalogue: Catalogue, titles: dict[str, str]) -> FlowNames:
    """All that flows may name here."""
    told = {fact: name for name, one in (catalogue.services or {}).items() for fact in one.facts}
    home = catalogue.texts(HOME_LANGUAGE)
    return FlowNames(
        prompts=[
            FlowPrompt(
                id=prompt,
                text=" ".join(text.split()),
                languages=[of for of, texts in catalogue.prompts.items() if texts.get(prompt)],
            )
            for prompt, text in sorted(home.items())
        ],
        groups=sorted(catalogue.groups),
        lines=[
            FlowNamed(id=name, title=one.title) for name, one in (catalogue.lines or {}).items()
        ],
        services=[
            FlowService(id=name, title=one.title, send=list(one.send))
            for name, one in (catalogue.services or {}).items()
        ],
        facts=[
            FlowFact(name=name, values=list(values), service=told.get(name))
            for name, values in catalogue.all_facts().items()
        ],
        places=[FlowNamed(id=code, title=name_of(code)) for code in CITIES],
        flows=[FlowNamed(id=name, title=title) for name, title in sorted(titles.items())],
    )


def tried_answer(tried: Tried) -> FlowTried:
    """The talk so far, turn by turn."""
    talk = tried.talk
    session = talk.told[-1].last.session
    return FlowTried(
        turns=[_turn(told, tried) for told in talk.told],
        awaits=session.awaits,
        choices=_choices(tried),
        is_over=talk.is_over,
        flow=session.flow,
        step=session.step,
        facts={**talk.facts, **session.facts},
        city=session.city or tried.here.city,
        notes=list(tried.here.notes),
    )


def _turn(told: Told, tried: Tried) -> FlowTurn:
    planned, act = told.planned, told.last.act
    value = getattr(planned, planned.happening, None)
    fault = next((turn.fault for turn in told.turns if turn.fault), None)
    return FlowTurn(
        happened=f"{planned.happening} {_said(value)}".strip(),
        path=[f"{flow}.{step}" for turn in told.turns for flow, step in turn.path],
        looked_at=dict(told.looked_at),
        say=[
            FlowSaid(prompt=prompt, text=tried.texts.text(prompt, turn.language))
            for turn in told.turns
            for prompt in turn.say
        ],
        language=told.last.language,
        does=planned.expect[-1],
        wait_s=act.wait_s if isinstance(act, Collect) else None,
        fault=fault.reason if fault else None,
    )


def _said(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in value.items())
    return "" if value is None or value is True else str(value)


def _choices(tried: Tried) -> list[str]:
    """What may happen now, as `FlowTry.said` takes it."""
    act = tried.talk.act
    match act:
        case Collect():
            return [*keys_of(act), "-"]
        case JoinQueue():
            return ["answered", *keys_of(act)]
        case RecordVoice():
            return ["spoken"]
        case Transfer():
            return ["answered", "failed"]
        case CallService(service=name):
            service = tried.services.get(name)
            facts = service.facts.items() if service else ()
            return [*(f"{fact}={one}" for fact, values in facts for one in values), "failed"]
        case _:
            return []

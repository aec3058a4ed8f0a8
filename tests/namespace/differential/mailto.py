"""The cases of MailTo, and where it differs from the shell agent on purpose."""

from . import post as ROOM
from .bench import Case
from .difference import Difference

SHELL_AGENT = "/usr/lib/ocf/resource.d/heartbeat/MailTo"

_ROOT = {"email": "root"}
_SETS = {
    "email": _ROOT,
    "two recipients": {"email": "root,admin@example.org"},
    "subject": _ROOT | {"subject": "san group"},
    "short subject": _ROOT | {"subject": "a group"},
    "empty subject": _ROOT | {"subject": ""},
    "no email": {},
    "empty email": {"email": ""},
    "bad email": {"email": "-oQ/tmp"},
}
_STATES = {"stopped": "", "running": "touch MailTo_p_test", "mail is down": "touch /run/mail-is-down",
           "running, mail is down": "touch MailTo_p_test /run/mail-is-down"}
_ACTIONS = ("start", "stop", "monitor", "probe", "status", "validate-all")


def cases():
    for words, parameters in _SETS.items():
        for state in ("stopped", "running"):
            for action in _ACTIONS:
                yield Case(f"{words}; {state}; {action}", action, parameters, _STATES[state])
    for state in ("mail is down", "running, mail is down"):
        for action in _ACTIONS:
            yield Case(f"email; {state}; {action}", action, _ROOT, _STATES[state])
    yield Case("email; stopped; no_such_action", "no_such_action", _ROOT)


DIFFERENCES = (
    Difference("one letter per change",
               "A start where it runs, and a stop where it does not, change nothing that is worth a letter.",
               lambda case, shell, ours: (case.action, case.state) in (("start", "running"), ("stop", "stopped"))
               and (shell.code, ours.code) == (0, 0) and not any("letter" in fact for fact in ours.facts)
               and any("letter" in fact for fact in shell.facts)),
    Difference("stop needs no recipient",
               "A failed stop costs the node; a letter does not.",
               lambda case, shell, ours: case.action == "stop" and (shell.code, ours.code) == (6, 0)
               and not ours.facts),
    Difference("a malformed value is 6 whoever asks",
               "The shell agent's monitor does not read it.",
               lambda case, shell, ours: case.action in ("monitor", "probe") and shell.code in (0, 7)
               and ours.code == 6 and shell.facts == ours.facts),
    Difference("a recipient is none of sendmail's options",
               "The shell agent passes it on, and the mail program takes it for an option.",
               lambda case, shell, ours: case.parameters.get("email") == "-oQ/tmp"
               and case.action in ("start", "validate-all", "stop")
               and (shell.code, ours.code) == (0, 0 if case.action == "stop" else 6)
               and not any("letter" in fact for fact in ours.facts)),
)

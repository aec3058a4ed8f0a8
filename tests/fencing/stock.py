"""The scripts of drbd-utils on a case, with stand-ins for what they would ask a live cluster."""

import os
from pathlib import Path

from . import bench

_PACKAGE = Path(os.environ.get("SAN_DRBD_UTILS", "/"))  # where the package drbd-utils is unpacked
_SCRIPTS = _PACKAGE / "usr/lib/drbd"
_SHARED = _PACKAGE / "usr/lib/ocf/resource.d/linbit/drbd.shellfuncs.sh"

# The scripts forget CIB_file before they write, so each tool gets it back; a copy of theirs stays theirs.
_ON_FILE = '#!/bin/sh\nexec env CIB_file="${{CIB_file:-{cib}}}" {tool} "$@"\n'
_STAND_INS = {
    "uname": "#!/bin/sh\necho {host}\n",
    "crm_node": "#!/bin/sh\necho {quorum}\n",
    "crmadmin": """#!/bin/sh
for word; do node=$word; done
case " {answers} " in
*" $node "*) echo "Controller on $node in state S_IDLE: ok" ;;
*) [ "$node" = --version ] ;;
esac
""",
    "drbdsetup": "#!/bin/sh\ncat {place}/events2\n",
    "drbdadm": "#!/bin/sh\nexit 1\n",
    "logger": "#!/bin/sh\ncat >> {place}/log\n",
    "reboot": "#!/bin/sh\nexit 1\n",
    "wall": "#!/bin/sh\nexit 1\n",
}
# Without a name it asks the controller for this node's.
_ON_THIS_NODE = """#!/bin/sh
case " $* " in *" -N "*) ;; *) set -- "$@" -N {host} ;; esac
exec env CIB_file="${{CIB_file:-{cib}}}" {tool} "$@"
"""
_TOOLS = ("cibadmin", "crm_mon", "crm_attribute", "crm_diff")


def possible():
    return _SHARED.is_file() and (_SCRIPTS / "crm-fence-peer.9.sh").is_file() and all(map(bench.installed, _TOOLS))


def _write(file, text):
    file.write_text(text)
    file.chmod(0o755)


def _set_up(case, place):
    """The script, with the test's /proc/drbd, and the stand-ins; the path of the script."""
    folder = place / "bin"
    folder.mkdir()
    facts = {"host": case.host, "quorum": int(case.quorum), "answers": " ".join(case.answers), "place": place,
             "cib": place / "cib.xml"}
    for name, text in _STAND_INS.items():
        _write(folder / name, text.format(**facts))
    for tool in _TOOLS:
        text = _ON_THIS_NODE if tool == "crm_attribute" else _ON_FILE
        _write(folder / tool, text.format(tool=f"/usr/sbin/{tool}", **facts))
    version = ".9.sh" if case.nine else ".sh"
    text = (_SCRIPTS / f"crm-fence-peer{version}").read_text()
    script = folder / f"crm-{case.action}-peer{version}"
    _write(script, text.replace("/proc/drbd", str(place / "proc" / "drbd")))
    (folder / _SHARED.name).write_text(_SHARED.read_text())
    return script


def run(case, place, before=None):
    """Outcome, what it said, cost; setting up does not count."""
    bench.prepare(case, place, before)
    script = _set_up(case, place)
    variables = bench.environment(case, place)
    variables["PATH"] = f"{place}/bin:{variables['PATH']}"
    code, said, cost = bench.call([str(script), *case.arguments()], variables, place)
    log = place / "log"
    return bench.outcome(code, place), said + (log.read_text() if log.exists() else ""), cost

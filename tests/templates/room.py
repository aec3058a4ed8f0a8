"""A place in which crmsh, pcs and Pacemaker's tools see the agents and templates of a build, and a CIB in a file."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

_AGENTS = Path("/usr/lib/ocf/resource.d")
_CRMSH = Path("/usr/share/crmsh")
_NEEDED = ("crm", "pcs", "crm_simulate", "crm_verify", "fence_ipmilan", "unshare")
_SKIPPED = 77

_EMPTY = """\
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.8" epoch="1" num_updates="0" admin_epoch="0" have-quorum="1">
  <configuration>
    <crm_config><cluster_property_set id="cib-bootstrap-options">
      <nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/>
    </cluster_property_set></crm_config>
    <nodes><node id="1" uname="alice"/><node id="2" uname="bob"/></nodes>
    <resources/><constraints/>
  </configuration>
  <status/>
</cib>
"""


def enter(build):
    """Runs this program again in a mount namespace of its own, over copies with what the build has made."""
    if missing := [name for name in _NEEDED if not shutil.which(name)]:
        print(f"skipped: {', '.join(missing)} not installed")
        sys.exit(_SKIPPED)
    if os.environ.get("SAN_ROOM") != "entered":
        private = ["unshare", "--mount", *(["--user", "--map-root-user"] if os.geteuid() != 0 else []), "--"]
        if subprocess.run([*private, "mount", "--make-rprivate", "/"], capture_output=True, check=False).returncode != 0:
            print("skipped: no mount namespace may be made here")
            sys.exit(_SKIPPED)
        os.environ["SAN_ROOM"] = "entered"
        os.execvp(private[0], [*private, sys.executable, "-B", "-m", sys.modules["__main__"].__spec__.name, *sys.argv[1:]])
    place = Path(tempfile.mkdtemp(prefix="san-templates-"))
    atexit.register(shutil.rmtree, place)  # copies; the machine's folders lie unseen below them
    _laid_over(_AGENTS, place / "agents", {"san": build / "agents"})
    _laid_over(_CRMSH, place / "crmsh", {"scripts": build / "crmsh-templates/scripts",
                                         "templates": build / "crmsh-templates/templates"})
    os.environ["HOME"] = str(place)
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)
    return place


def _laid_over(folder, copy, more):
    shutil.copytree(folder, copy, symlinks=True)
    for name, source in more.items():
        (copy / name).mkdir(exist_ok=True)
        for item in source.iterdir():
            if item.is_dir() and name != "san":
                shutil.copytree(item, copy / name / item.name)
            elif item.is_file() and (name != "san" or os.access(item, os.X_OK)):
                # Programs find their libraries from where they are.
                (copy / name / item.name).symlink_to(item) if name == "san" else shutil.copy(item, copy / name)
    subprocess.run(["mount", "--bind", copy, folder], check=True)


class Cib:
    """A CIB in a file of its own."""

    def __init__(self, place, name, text=_EMPTY):
        self.file = place / f"{name}.xml"
        self.file.write_text(text)

    def run(self, *command, ok=(0,), **more):
        """What a command says that works on this file."""
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, env={**os.environ, "CIB_file": str(self.file)}, **more)
        if done.returncode not in ok:
            raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def configuration(self):
        return xml.parse(self.file).getroot().find("configuration")

    def text(self):
        """Resources, constraints and options, as XML to be read by people."""
        kept = self.configuration()
        for part in list(kept):
            if part.tag not in ("crm_config", "resources", "constraints"):
                kept.remove(part)
        for part in kept.iter():
            part.text = part.tail = None
        xml.indent(kept)
        return xml.tostring(kept, encoding="unicode") + "\n"

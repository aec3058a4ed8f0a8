# SPDX-License-Identifier: GPL-2.0-or-later
"""A stack as its description says, with fencing and with the operations that its agents advise.

A description is YAML:

    title, text       what it is, and what has to be there before
    addition          true for what is added to a stack that is there
    parameters        list of names in parameters.yml, or {name, brief, text, type, example | value, optional}, where
                      "like: NAME" takes from there what is not said
    resources         list of {id, suffix, agent, params, meta, clone, monitors}
    groups            list of {id, members, meta}
    present           ids of a stack that is there, which the rules may name
    colocations       list of {id, suffix, what, with}: what goes where with is; "ID:Promoted" for that side of a clone
    orders            list of {id, suffix, first, then}: "ID:promote", "ID:start"; lists for several that need no order among themselves

Names in it are bases: the id of the stack becomes part of each, so that a cluster can have several. In values, $name is
that parameter. A value with the only parameter of an optional one is left out when the parameter is.
"""

import re
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from subprocess import run

import yaml

_PARAMETER = re.compile(r"\$(\w+)")
# What a cluster does by itself, in the order in which people write it.
_ADVISED = ("start", "promote", "demote", "notify", "stop")


def load(file):
    with open(file, encoding="utf-8") as stream:
        return yaml.safe_load(stream)


@dataclass(frozen=True)
class Parameter:
    name: str
    brief: str
    text: str
    type: str = "string"
    example: str = ""
    value: str = None  # the default
    optional: bool = False


@dataclass(frozen=True)
class Operation:
    name: str
    interval: str
    timeout: str
    role: str = ""

    def attributes(self):
        yield "interval", self.interval
        yield "timeout", self.timeout
        if self.role:
            yield "role", self.role


@dataclass(frozen=True)
class Id:
    """What becomes "base_STACK" or "base_STACK_VALUE"."""

    base: str
    suffix: str = ""  # "$parameter" or nothing


@dataclass(frozen=True)
class Resource:
    id: Id
    agent: str
    params: dict
    operations: list
    meta: dict = field(default_factory=dict)
    clone: dict = None  # its meta attributes
    clone_id: Id = None
    keep_off: str = ""  # the node that it never runs on


class Advice:
    """The operations that agents advise in their metadata."""

    def __init__(self, agents):
        self._agents = agents
        self._known = {}

    def operations(self, agent):
        if agent not in self._known:
            self._known[agent] = list(self._read(agent))
        return self._known[agent]

    def _read(self, agent):
        program = self._agents / agent.rsplit(":", 1)[1]
        text = run([program, "meta-data"], capture_output=True, text=True, check=True).stdout
        actions = xml.fromstring(text).findall("actions/action")
        for name in _ADVISED:
            for action in actions:
                if action.get("name") == name:
                    yield Operation(name, "0", action.get("timeout"))
        for action in actions:
            # What looks deeper is for those who ask for it.
            if action.get("name") == "monitor" and action.get("depth", "0") == "0":
                yield Operation("monitor", action.get("interval"), action.get("timeout"), action.get("role") or "")


class Stack:
    """One description, as the formats need it."""

    def __init__(self, description, fencing, common, agents):
        self.fenced = fencing is not None
        is_addition = description.get("addition", False)
        bare = not self.fenced and not is_addition
        self.name = description["name"] + ("-without-fencing" if bare else "")
        self.title = description["title"] + (", without fencing" if bare else "")
        self.text = description["text"].strip()
        parts = [description]
        if self.fenced:
            self.text += "\n\n" + fencing["text"].strip()
            parts.append(fencing)
        elif bare:
            self.text += ("\n\nFencing is left to you: without it, two nodes that do not see each other both write.")
        advice = Advice(agents)
        self.parameters = [_parameter(one, common) for part in parts for one in part.get("parameters", ())]
        self.resources = [self._resource(one, advice) for part in parts for one in part.get("resources", ())]
        self.groups = description.get("groups", [])
        self.present = description.get("present", [])
        self.colocations = description.get("colocations", [])
        self.orders = description.get("orders", [])
        self.properties = fencing["properties"] if self.fenced else {}
        self._check()

    @staticmethod
    def _resource(one, advice):
        clone = one.get("clone")
        operations = advice.operations(one["agent"]) if one["agent"].startswith("ocf:san:") else [
            Operation(**operation) for operation in one.get("operations", ())]
        promotable = bool(clone) and clone.get("meta", {}).get("promotable")
        # An agent that can be promoted advises monitors for both cases.
        operations = [operation for operation in operations
                      if operation.name not in ("promote", "demote", "notify") and operation.role != "Promoted"
                      or promotable]
        return Resource(id=Id(one["id"], one.get("suffix", "")), agent=one["agent"], params=one.get("params", {}),
                        operations=operations, meta=one.get("meta", {}), clone=clone and clone.get("meta", {}),
                        clone_id=clone and Id(clone["id"], one.get("suffix", "")), keep_off=one.get("keep_off", ""))

    def _check(self):
        known = {one.name for one in self.parameters}
        for resource in self.resources:
            for value in (*resource.params.values(), resource.id.suffix, resource.keep_off):
                for name in parameters_in(str(value)):
                    if name not in known:
                        raise ValueError(f"{self.name}: {resource.id.base}: no parameter {name}")
        ids = set(self.present) | {one.id.base for one in self.resources} | {one["id"] for one in self.groups} | {
            one.clone_id.base for one in self.resources if one.clone_id}
        used = [member for group in self.groups for member in group["members"]]
        used += [reference(word)[0] for rule in (*self.colocations, *self.orders)
                 for side in ("what", "with", "first", "then") if side in rule for word in listed(rule[side])]
        for base in used:
            if base not in ids:
                raise ValueError(f"{self.name}: there is no {base}")

    def id_of(self, base):
        """The Id with that base: of a resource, a clone, a group or a constraint."""
        for resource in self.resources:
            if resource.id.base == base:
                return resource.id
            if resource.clone_id and resource.clone_id.base == base:
                return resource.clone_id
        for rule in (*self.colocations, *self.orders):
            if rule["id"] == base:
                return Id(base, rule.get("suffix", ""))
        return Id(base)

    def is_optional(self, name):
        return any(one.name == name and one.optional for one in self.parameters)

    def only_if(self, value):
        """The optional parameter that a value depends on, or nothing."""
        names = [name for name in parameters_in(str(value)) if self.is_optional(name)]
        return names[0] if names else None


def _parameter(one, common):
    if isinstance(one, str):
        one = {"like": one, "name": one}
    one = dict(one)
    return Parameter(**{**common[one.pop("like")], **one} if "like" in one else one)


def parameters_in(value):
    return _PARAMETER.findall(value)


def filled(value, form):
    """The value with each $name replaced by what form(name) makes of it."""
    return _PARAMETER.sub(lambda found: form(found[1]), str(value))


def listed(value):
    return value if isinstance(value, list) else [value]


def reference(word):
    """Base and role or action of "base:Word"."""
    base, _, rest = word.partition(":")
    return base, rest

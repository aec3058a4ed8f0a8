# SPDX-License-Identifier: GPL-2.0-or-later
"""A stack as a script of crmsh, version 2.2 (doc/website-v1/scripts.adoc): "crm script run NAME"."""

import yaml

from stack import filled, listed, reference


class _Text(str):
    """A value of several lines, kept so."""


yaml.SafeDumper.add_representer(
    _Text, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|"))


def _handle(name):
    return "{{" + name + "}}"


def _id(identity):
    suffix = "_" + filled(identity.suffix, _handle) if identity.suffix else ""
    return f"{identity.base}_{{{{id}}}}{suffix}"


def _word(stack, word):
    base, rest = reference(word)
    return _id(stack.id_of(base)) + (":" + rest if rest else "")


def _assignment(stack, name, value):
    text = f'{name}="{filled(value, _handle)}"'
    condition = stack.only_if(value)
    return f"{{{{#{condition}}}}}{text}{{{{/{condition}}}}}" if condition else text


def _lines(stack):
    for resource in stack.resources:
        yield f"primitive {_id(resource.id)} {resource.agent}"
        yield "    params " + " ".join(_assignment(stack, *one) for one in resource.params.items())
        for operation in resource.operations:
            yield f"    op {operation.name} " + " ".join(f"{name}={value}" for name, value in operation.attributes())
        if resource.meta:
            yield "    meta " + _meta(resource.meta)
    for resource in stack.resources:
        if resource.clone_id:
            yield f"clone {_id(resource.clone_id)} {_id(resource.id)}"
            yield "    meta " + _meta(resource.clone)
    for group in stack.groups:
        yield f"group {_id(stack.id_of(group['id']))} " + " ".join(_word(stack, one) for one in group["members"])
        if group.get("meta"):
            yield "    meta " + _meta(group["meta"])
    for rule in stack.colocations:
        what, other = (_set(stack, rule[side]) for side in ("what", "with"))
        yield f"colocation {_id(stack.id_of(rule['id']))} inf: {what} {other}"
    for rule in stack.orders:
        first, then = (_set(stack, rule[side]) for side in ("first", "then"))
        yield f"order {_id(stack.id_of(rule['id']))} Mandatory: {first} {then}"
    for resource in stack.resources:
        if resource.keep_off:
            yield f"location l_{_id(resource.id)} {_id(resource.id)} -inf: {filled(resource.keep_off, _handle)}"
    if stack.properties:
        yield "property " + _meta(stack.properties)


def _set(stack, side):
    words = [_word(stack, word) for word in listed(side)]
    return words[0] if len(words) == 1 else "( " + " ".join(words) + " )"


def _meta(meta):
    return " ".join(f"{name}={_plain(value)}" for name, value in meta.items())


def _plain(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parameter(one):
    found = {"name": one.name, "required": not one.optional and one.value is None, "type": one.type,
             "shortdesc": one.brief, "longdesc": one.text}
    if one.value is not None:
        found["value"] = one.value
    if one.example:
        found["example"] = one.example
    return found


def text(stack):
    """The main.yml of the script."""
    identity = {"name": "id", "required": True, "unique": True, "type": "resource", "value": "san",
                "shortdesc": "Name of the stack", "longdesc": "Part of the id of everything that is created."}
    script = {
        "version": 2.2,
        "category": "San",
        "shortdesc": stack.title,
        "longdesc": _Text(stack.text + "\n"),
        "parameters": [identity] + [_parameter(one) for one in stack.parameters],
        "actions": [{"shortdesc": "Configure the stack", "cib": _Text("\n".join(_lines(stack)) + "\n")}],
    }
    return ("# SPDX-License-Identifier: GPL-2.0-or-later\n" +
            yaml.safe_dump(script, sort_keys=False, width=100, allow_unicode=True))

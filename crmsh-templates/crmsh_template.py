# SPDX-License-Identifier: GPL-2.0-or-later
"""A stack as a configure template of crmsh: "crm configure template new CONFIGURATION NAME"."""

import textwrap

from stack import Id, filled, listed, reference

from crmsh_script import _meta


def _name(name):
    return f"%_:{name}"


def _id(identity):
    # The prefix cannot come last: crmsh would take ":Promoted" behind it for a parameter.
    return f"%_-{identity.base}" + ("-" + filled(identity.suffix, _name) if identity.suffix else "")


def _word(stack, word):
    base, rest = reference(word)
    return _id(stack.id_of(base)) + (":" + rest if rest else "")


def _assignment(name, value):
    # crmsh puts quotes around a value that is one parameter.
    value = str(value)
    alone = value.startswith("$") and value[1:].isidentifier() or not ("$" in value or " " in value)
    # It takes one level of quotes away from others.
    return f"{name}={filled(value, _name)}" if alone else f"{name}='\"{filled(value, _name)}\"'"


def _set(stack, side):
    words = [_word(stack, word) for word in listed(side)]
    return words[0] if len(words) == 1 else "( " + " ".join(words) + " )"


def _stanzas(stack):
    for resource in stack.resources:
        lines = [f"primitive {_id(resource.id)} {resource.agent}"]
        always = [_assignment(*one) for one in resource.params.items() if not stack.only_if(one[1])]
        lines.append("    params " + " ".join(always))
        lines += [f"    opt {_assignment(*one)}" for one in resource.params.items() if stack.only_if(one[1])]
        lines += [f"    op {operation.name} " + " ".join(f"{name}={value}" for name, value in operation.attributes())
                  for operation in resource.operations]
        if resource.meta:
            lines.append("    meta " + _meta(resource.meta))
        yield lines
    for resource in stack.resources:
        if resource.clone_id:
            yield [f"clone {_id(resource.clone_id)} {_id(resource.id)}", "    meta " + _meta(resource.clone)]
    for group in stack.groups:
        lines = [f"group {_id(stack.id_of(group['id']))} " + " ".join(_word(stack, one) for one in group["members"])]
        if group.get("meta"):
            lines.append("    meta " + _meta(group["meta"]))
        yield lines
    for rule in stack.colocations:
        what, other = (_set(stack, rule[side]) for side in ("what", "with"))
        yield [f"colocation {_id(stack.id_of(rule['id']))} inf: {what} {other}"]
    for rule in stack.orders:
        first, then = (_set(stack, rule[side]) for side in ("first", "then"))
        yield [f"order {_id(stack.id_of(rule['id']))} Mandatory: {first} {then}"]
    for resource in stack.resources:
        if resource.keep_off:
            yield [f"location {_id(Id(f'l_{resource.id.base}', resource.id.suffix))} {_id(resource.id)} -inf: {filled(resource.keep_off, _name)}"]
    if stack.properties:
        yield ["property " + _meta(stack.properties)]


def _comment(text):
    lines = []
    for paragraph in text.split("\n\n"):
        lines += [*textwrap.wrap(" ".join(paragraph.split()), 76), ""]
    return "\n".join(("# " + line).rstrip() for line in lines[:-1])


def _explained(one):
    text = one.text
    if one.example:
        text += f" Such as {one.example}."
    if one.value is not None:
        text += f" Usually {one.value}."
    return f"{_comment(text)}\n\n%% {one.name}\n"


def text(stack):
    """The template's text."""
    required = [one for one in stack.parameters if not one.optional]
    optional = [one for one in stack.parameters if one.optional]
    parts = [f"%name {stack.name}", _comment(stack.title + ". " + stack.text), "", "%required", ""]
    parts += [_explained(one) for one in required]
    if optional:
        parts += ["%optional", "", *(_explained(one) for one in optional)]
    parts += ["%generate", ""]
    # Without an empty line between them crmsh takes the next stanza for a part of the one before.
    parts.append("\n\n".join("\n".join(lines) for lines in _stanzas(stack)))
    return "\n".join(parts) + "\n"

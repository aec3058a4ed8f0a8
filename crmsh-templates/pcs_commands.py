# SPDX-License-Identifier: GPL-2.0-or-later
"""A stack as commands for pcs, 0.11 and later: a shell script that takes NAME=VALUE and prints, or with --apply runs, them."""

import textwrap

from stack import filled, listed, reference

from crmsh_script import _plain


def _variable(name):
    return "${" + name + "}"


def _id(identity):
    return f"{identity.base}_${{id}}" + ("_" + filled(identity.suffix, _variable) if identity.suffix else "")


def _meta(meta):
    return " ".join(f"{name}={_plain(value)}" for name, value in meta.items())


def _assignment(stack, name, value):
    text = f'{name}={filled(value, _variable)}'
    condition = stack.only_if(value)
    return f'${{{condition}:+"{text}"}}' if condition else f'"{text}"'


def _operations(resource):
    for operation in resource.operations:
        yield f"op {operation.name} " + " ".join(f"{name}={value}" for name, value in operation.attributes())


def _commands(stack):
    for resource in stack.resources:
        agent = resource.agent
        kind = "stonith" if agent.startswith("stonith:") else "resource"
        words = [f'pcs {kind} create "{_id(resource.id)}" {agent.removeprefix("stonith:")}']
        words += [_assignment(stack, *one) for one in resource.params.items()]
        words += _operations(resource)
        if resource.meta:
            words.append("meta " + _meta(resource.meta))
        yield words
    for resource in stack.resources:
        if resource.clone_id:
            kind = "promotable" if resource.clone.get("promotable") else "clone"
            meta = {name: value for name, value in resource.clone.items() if name != "promotable"}
            yield [f'pcs resource {kind} "{_id(resource.id)}" "{_id(resource.clone_id)}"', "meta " + _meta(meta)]
    for group in stack.groups:
        members = " ".join(f'"{_id(stack.id_of(one))}"' for one in group["members"])
        name = _id(stack.id_of(group["id"]))
        yield [f'pcs resource group add "{name}" {members}']
        if group.get("meta"):
            yield [f'pcs resource meta "{name}" {_meta(group["meta"])}']
    for rule in stack.colocations:
        name = _id(stack.id_of(rule["id"]))
        if len(listed(rule["what"])) == len(listed(rule["with"])) == 1:
            (what, what_role), (other, other_role) = reference(rule["what"]), reference(rule["with"])
            yield [f'pcs constraint colocation add {what_role} "{_id(stack.id_of(what))}" with {other_role} '
                   f'"{_id(stack.id_of(other))}" INFINITY id="{name}"'.replace("  ", " ")]
        else:
            yield ["pcs constraint colocation " + _sets(stack, rule["what"], rule["with"], "role") +
                   f' setoptions id="{name}" score=INFINITY']
    for rule in stack.orders:
        name = _id(stack.id_of(rule["id"]))
        if len(listed(rule["first"])) == len(listed(rule["then"])) == 1:
            (first, first_action), (then, then_action) = reference(rule["first"]), reference(rule["then"])
            yield [f'pcs constraint order {first_action} "{_id(stack.id_of(first))}" then {then_action} '
                   f'"{_id(stack.id_of(then))}" kind=Mandatory id="{name}"'.replace("  ", " ")]
        else:
            yield ["pcs constraint order " + _sets(stack, rule["first"], rule["then"], "action") +
                   f' setoptions id="{name}" kind=Mandatory']
    for resource in stack.resources:
        if resource.keep_off:
            yield [f'pcs constraint location add "l_{_id(resource.id)}" "{_id(resource.id)}" '
                   f'"{filled(resource.keep_off, _variable)}" -- -INFINITY']
    for name, value in stack.properties.items():
        yield [f"pcs property set {name}={_plain(value)}"]


def _sets(stack, first, second, option):
    parts = []
    for side in (first, second):
        pairs = [reference(word) for word in listed(side)]
        members = " ".join(f'"{_id(stack.id_of(base))}"' for base, _ in pairs)
        options = [f"{option}={pairs[0][1]}"] if pairs[0][1] else []
        if len(pairs) > 1:
            options.append("sequential=false")
        parts.append(" ".join(["set", members, *options]))
    return " ".join(parts)


def _comment(text):
    return "\n".join(("# " + line).rstrip() for paragraph in text.split("\n\n")
                     for line in [*textwrap.wrap(" ".join(paragraph.split()), 96), ""])


def _explained(one):
    if one.value is not None:
        return f'#   {one.name}={one.value}  {one.brief} (this is the default)'
    return f"#   {one.name}=...  {one.brief}{', may be left out' if one.optional else ''}"


def text(stack):
    """The script's text."""
    known = ["id", *(one.name for one in stack.parameters)]
    lines = ["#!/bin/sh", "# SPDX-License-Identifier: GPL-2.0-or-later", f"# {stack.title}.", "#",
             _comment(stack.text), f"# {stack.name}.sh NAME=VALUE...             shows the commands", "#",
             f"# {stack.name}.sh NAME=VALUE... | sh -e   runs them", "#", "#   id=san  part of the id of everything that is "
             "created (this is the default)", *(_explained(one) for one in stack.parameters), "set -eu", "id=san"]
    lines += [f"{one.name}={one.value or ''}" for one in stack.parameters]
    lines += ['for word; do', '    case $word in', f'        {"|".join(name + "=*" for name in known)})',
              '            value=${word#*=}', "            case $value in *[\\'\\\"\\$\\`\\\\]*)",
              '                echo "$0: $word: expected no quotation mark, dollar or backslash" >&2; exit 2 ;;', '            esac',
              '            eval "${word%%=*}=\\$value" ;;',
              f'        *) echo "$0: $word: expected NAME=VALUE with one of: {" ".join(known)}" >&2; exit 2 ;;', '    esac', 'done']
    for one in stack.parameters:
        if not one.optional and one.value is None:
            lines.append(f': "${{{one.name}:?expected a value: {one.brief}}}"')
    lines.append("")
    for words in _commands(stack):
        # Shown as a shell would read them again.
        lines.append("show " + " \\\n    ".join(words))
    shower = ['show() {', "    line=", '    for word; do', '        case $word in', '            *[!A-Za-z0-9_=:./%+-]*) line="$line \'$word\'" ;;',
              '            *) line="$line $word" ;;', '        esac', '    done', '    echo "${line# }"', '}', '']
    position = lines.index("set -eu")
    return "\n".join(lines[:position] + shower + lines[position:]) + "\n"

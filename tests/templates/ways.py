"""The three ways to a stack: crmsh's script, crmsh's configure template, and commands for pcs."""

import re
import subprocess
import xml.etree.ElementTree as xml


def by_script(cib, name, values):
    words = [f"{key}={value}" for key, value in values.items()]
    cib.run("crm", "-D", "plain", "script", "verify", name, "id=san", *words, "nodes=alice")
    # 1: there is no cluster to wait for.
    cib.run("crm", "-D", "plain", "-F", "script", "run", name, "id=san", *words, "nodes=alice", ok=(0, 1))


def by_template(cib, name, values):
    # crmsh takes one word for a value.
    words = [f"{key}='{value}'" if " " in value else f"{key}={value}" for key, value in values.items()]
    cib.run("crm", "-D", "plain", "configure", "template", "new", "san", name, "params", *words)
    cib.run("crm", "-D", "plain", "-F", "configure", "template", "apply", "update", "san")
    cib.run("crm", "-D", "plain", "configure", "template", "delete", "san", "force")


def by_pcs(cib, file, values):
    words = [f"{key}={value}" for key, value in values.items()]
    shown = subprocess.run(["sh", file, *words], capture_output=True, text=True, check=True).stdout
    # The same commands, on the file.
    cib.run("sh", "-ec", re.sub(r"^pcs ", f"pcs -f {cib.file} ", shown, flags=re.MULTILINE))


def meaning(configuration):
    """What a configuration says, without the ids that tools make up: a sorted list of sentences."""
    said = []
    for resource in configuration.iter("primitive"):
        name = resource.get("id")
        said.append(f"{name} is {resource.get('class')}:{resource.get('provider', '')}:{resource.get('type')}")
        said += _pairs(name, resource)
        said += [f"{name} {operation.get('name')} {_seconds(operation.get('interval'))} {_seconds(operation.get('timeout'))} "
                 f"{operation.get('role', '')}" for operation in resource.iter("op")]
    for kind in ("clone", "group"):
        for one in configuration.iter(kind):
            said.append(f"{kind} {one.get('id')}: " + " ".join(part.get("id") for part in one.findall("primitive")))
            said += _pairs(one.get("id"), one)
    for kind in ("rsc_colocation", "rsc_order", "rsc_location"):
        for one in configuration.iter(kind):
            attributes = {key: value for key, value in one.attrib.items() if key != "id"}
            attributes = {key: "INFINITY" if value in ("inf", "INFINITY") else value for key, value in attributes.items()}
            if attributes.get("score") == "-inf":
                attributes["score"] = "-INFINITY"
            if "rsc" in attributes and kind == "rsc_colocation":  # what Pacemaker takes for granted
                attributes.setdefault("rsc-role", "Started")
                attributes.setdefault("with-rsc-role", attributes["rsc-role"])
            said.append(f"{kind} {sorted(attributes.items())} " + " then ".join(
                f"{sorted((key, value) for key, value in part.attrib.items() if key != 'id')} "
                f"{' '.join(member.get('id') for member in part)}" for part in one.iter("resource_set")))
    for option in configuration.iter("cluster_property_set"):
        said += [f"option {pair.get('name')}={pair.get('value')}" for pair in option]
    return sorted(said)


def _pairs(name, element):
    return [f"{name} {kind} {pair.get('name')}={pair.get('value')}" for kind in ("instance_attributes", "meta_attributes")
            for pairs in element.findall(kind) for pair in pairs]


def _seconds(text):
    return text[:-1] if text and text.endswith("s") else text


def renamed(configuration, name):
    """The configuration with the ids of a template, NAME-what-unit, as the script has them: what_san_unit."""
    def as_script(found):
        return f'"{found[1]}_san_{found[2]}"' if found[2] else f'"{found[1]}_san"'
    text = xml.tostring(configuration, encoding="unicode")
    return xml.fromstring(re.sub(rf'"{re.escape(name)}-(\w+)(?:-(\w+))?"', as_script, text))

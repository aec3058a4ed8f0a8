"""Commands on the nodes, by one ssh connection per node that stays open."""

import subprocess

from . import session, settings
from .waiting import Failure, wait_until


def _options(node):
    return ["-F", "none", "-i", session.current().identity, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
            "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=6",
            "-o", f"ControlPath={node.file('ssh')}"]


def arguments(node, *extra):
    """The ssh command line for this node."""
    return [str(word) for word in ("ssh", *_options(node), *extra, f"root@{node.address(settings.MANAGEMENT)}")]


def _connected(node):
    asked = subprocess.run(arguments(node, "-O", "check"), capture_output=True, check=False)
    return asked.returncode == 0


def connect(node):
    """Opens the connection that the later commands share; false if the node does not answer yet."""
    if _connected(node):
        return True
    opened = subprocess.run(arguments(node, "-M", "-N", "-f"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, check=False)
    return opened.returncode == 0


def forget(node):
    """Closes the connection, which a node without power would leave hanging."""
    subprocess.run(arguments(node, "-O", "exit"), capture_output=True, check=False)
    node.file("ssh").unlink(missing_ok=True)


def wait_for(node, timeout=300):
    wait_until(f"ssh of {node}", lambda: connect(node), timeout, 1)


def on(node, command, stdin=None, timeout=300, check=True):
    """Runs a shell command on the node and returns what it printed."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    try:
        done = subprocess.run([*arguments(node), command], capture_output=True, timeout=timeout, check=False,
                              **({"stdin": subprocess.DEVNULL} if data is None else {"input": data}))
    except subprocess.TimeoutExpired:
        raise Failure(f"{node}: no end of '{command}' within {timeout:.0f} s") from None
    output = done.stdout.decode(errors="replace")
    if check and done.returncode != 0:
        errors = done.stderr.decode(errors="replace").strip() or output.strip()
        raise Failure(f"{node}: '{command}': exit {done.returncode}: {errors[-2000:]}")
    return output


def copy_tree(tree, node):
    """Lays an install tree over the node's root, and onto its disk: the next thing may be a power loss."""
    packer = subprocess.Popen(["tar", "-C", str(tree), "--owner=0", "--group=0", "-cf", "-", "."],
                              stdout=subprocess.PIPE)
    unpacked = subprocess.run(
        [*arguments(node), "tar -C / --keep-directory-symlink --no-overwrite-dir --touch -xf - && ldconfig && sync"],
        stdin=packer.stdout, capture_output=True, text=True, check=False)
    packer.stdout.close()
    if packer.wait() != 0 or unpacked.returncode != 0:
        raise Failure(f"cannot copy {tree} to {node}: {unpacked.stderr.strip()}")


def push(file, node, target):
    """Copies one file with its permissions."""
    mode = f"{file.stat().st_mode & 0o777:o}"
    on(node, f"cat >'{target}' && chmod {mode} '{target}'", stdin=file.read_bytes())


def let_nodes_in():
    """Root of each node may log in on the other one, as administrators have it."""
    identity = session.current().identity.read_text()
    for node in settings.NODES:
        on(node, "umask 077; mkdir -p /root/.ssh; cat >/root/.ssh/id_ed25519", stdin=identity)
        on(node, "echo 'StrictHostKeyChecking accept-new' >/root/.ssh/config")

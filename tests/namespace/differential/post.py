"""The room in which MailTo is tried: programs that take letters, and what they were given."""

# Where each agent looks: the shell agent runs "mail" from the PATH, ours sendmail where the system has it.
BEFORE = r"""
mkdir sbin bin letters
cat >sbin/sendmail <<'END'
#!/bin/bash
[ ! -e /run/mail-is-down ] || exit 75
shift 2
letter=$(mktemp "$LETTERS.XXXXXX")
{ echo "to $*"; sed -n 's/^Subject: //p'; } >"$letter"
mv "$letter" "$LETTERS"
END
cat >bin/mail <<'END'
#!/bin/bash
[ ! -e /run/mail-is-down ] || exit 75
letter=$(mktemp "$LETTERS.XXXXXX")
{ echo "to ${3//,/ }"; echo "$2"; } >"$letter"
mv "$letter" "$LETTERS"
cat >/dev/null
END
sed -i "s|\$LETTERS|$PWD/letters|" sbin/sendmail bin/mail
chmod 755 sbin/sendmail bin/mail
mount -t tmpfs tmpfs /run
if [ "$(ls /usr/bin/mail 2>/dev/null)" ]; then mount --bind bin/mail /usr/bin/mail; fi
mount -t overlay overlay -o lowerdir=$PWD/sbin:/usr/sbin /usr/sbin
"""

NEEDS = "mount -t overlay overlay -o lowerdir=/usr/sbin:/usr/bin /mnt"

AFTER = "true"

PATH = "SCRATCH/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _without_date(subject):
    head, at, rest = subject.partition(" at ")
    return f"{head}{at}... {' '.join(rest.split()[-2:])}"


def facts(_, scratch):
    for letter in (scratch / "letters").iterdir():
        to, subject = letter.read_text(encoding="utf-8").splitlines()[:2]
        yield f"letter {' '.join(to.split())}: {_without_date(subject)}"
    for state in scratch.glob("MailTo_*"):
        yield f"file {state.name}"

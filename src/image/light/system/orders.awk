# Orders for the writer, each word checked before anything is done with any of them, and written again from those words
# alone. A program of its own for its speed: the shell reads them byte by byte.
#
# In: what `write` gets on stdin (target-write). Out: its chunks and the numbers of its sources. A source's place goes to a
# file `source-NUMBER` in `folder`. Bytes: `size` of the disk, `latch` its place on it, `most` of a chunk. Ends with the
# agent's exit codes, the reason on stderr.

$1 == "source" {
  if (NF != 6 || !is_number($2) || !is_number($4) || $3 !~ /^[0-9.]+$/ || !is_place($5, $6)) leave(65, "not a source")
  file = folder "/source-" $2
  print $3, $4, $5, $6 >file
  close(file)
  print "source", $2
  next
}

$1 == "chunk" {
  if (NF != 8 || !is_number($2) || !is_number($5) || !is_number($8) || !is_digest($6) || !is_digest($7))
    leave(65, "not a chunk")
  if (!is_number($3) || !is_number($4) || $4 == 0) leave(65, "not a range")
  if ($3 % 512 || $4 % 512) leave(65, "the range at " $3 " is not made of whole sectors")
  if ($3 + $4 > size + 0) leave(65, "the range at " $3 " ends beyond the disk")
  if ($3 + $4 > latch + 0) leave(64, "chunk " $2 " would overwrite the latch")
  if ($4 > most + 0 || $5 > most + 262144 || $5 == 0) leave(65, "chunk " $2 " is too long")
  print
  next
}

$1 == "end" { complete = 1; exit }
{ leave(65, "not an order") }

END {
  if (code) exit code
  if (!complete) leave(65, "the orders did not arrive whole")
}

# As target-answer has them: so few digits that arithmetic is exact.
function is_number(word) { return length(word) <= 15 && word ~ /^(0|[1-9][0-9]*)$/ }
function is_digest(word) { return length(word) == 64 && word ~ /^[0-9a-f]+$/ }

# What goes into a request line, as RFC 3986 spells it.
function is_place(host, path) { return host ~ /^[A-Za-z0-9.:-]+$/ && path ~ /^\/[A-Za-z0-9\/._~%+,=@:-]*$/ }

function leave(with, reason) {
  print reason | "cat >&2"
  close("cat >&2")
  code = with
  exit code
}

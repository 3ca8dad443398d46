# Which stream fetches what: reads the orders, then events, one a line, and answers with commands, one a line. Nothing
# else is read, not even a clock: times (seconds since the start) come with the events.
#
# A stream asks one place, an HTTP source or (`ssh`) the controller, for one range after the other. A chunk is fetched in
# pieces, each a file that grows from its beginning, so that what arrived before a cut is not asked for again.
#
# Orders:  source NUMBER | chunk INDEX OFFSET LENGTH PACKED PACKED-SHA256 RAW-SHA256 AT
#          part INDEX FROM GENERATION BYTES: arrived under an earlier writer
# Events:  join TIME STREAM | ask TIME STREAM SOURCE wait|more | got TIME STREAM PIECE SOURCE BYTES
#          back TIME STREAM PIECE | fail TIME STREAM SOURCE REASON | gone TIME STREAM | size TIME PIECE BYTES
#          free TIME WRITER | wrote TIME WRITER INDEX ack|packed|write|differs DIGEST | tick TIME | halt TIME
# Commands: STREAM get PIECE SOURCE AT LENGTH SKIP | STREAM none | WRITER write INDEX ... PIECE...
#          STREAM gone | probe PIECE | drop STREAM | log RECORD | clear INDEX GENERATION | empty PIECE | stop

BEGIN {
  MiB = 1048576
  # Packed bytes of chunks that have been begun and are not on the disk yet: they are in RAM, or will be.
  budget = 32 * MiB
  smallest = MiB / 16
  # Of a piece. With larger ones of chunks that do not compress, streams would be without work: the budget is four chunks.
  largest = 3 * MiB / 4
  # What fits is fetched in two halves: a piece costs a slow machine as much as its bytes do.
  halved = 2 * MiB
  # Below this rate per stream another one adds nothing but queue, which every cut throws away.
  stream_rate = 65536
  fewest_streams = 3
  # From this rate on a round trip between two pieces counts.
  ahead_rate = 500000
  stall_least = 2.5
  distrust_seconds = 300
  most_tries = 4
  low = 1
}

$1 == "source" { source_count++; sources[$2] = 1; until_[$2] = 0; next }
$1 == "chunk" { add_chunk(); next }
$1 == "part" { add_part($2, $3, $4, $5); next }

{ now = $2 }
$1 == "join" { join_stream($3) }
$1 == "ask" { ask($3, $4, $5) }
$1 == "got" { got($3, $4, $5, $6) }
$1 == "back" { unfetched($3, $4) }
$1 == "fail" { failed_at($3, $4, $5) }
$1 == "gone" { gone($3); if ($3 !~ /-/) print $3, "gone" }
$1 == "size" { size_of($3, $4) }
$1 == "free" { idle[$3] = 1; hand_out() }
$1 == "wrote" { wrote($3, $4, $5, $6) }
$1 == "tick" { tick() }
$1 == "halt" { halting = 1 }
{
  if (!stopped) finish()
  fflush()
  if (stopped) exit
}

# --- Chunks and their pieces

function add_chunk() {
  count++
  name[count] = $2
  place[$2] = count
  size[count] = $5
  begins[count] = $8
  orders[count] = $2 " " $3 " " $4 " " $5 " " $6 " " $7
  left += $5
}

# What an earlier writer left counts as far as it goes on without a gap. The rest must not be taken for what a piece of
# the same name has brought.
function add_part(index_, from, generation, bytes,    k, piece) {
  if (bytes == 0) return
  k = place[index_]
  if (!goes_on(k, from, generation, bytes)) {
    print "empty", index_ "." from "." generation
    return
  }
  if (state[k] == "") open_chunk(k)
  piece = new_piece(k, bytes)
  have[piece] = bytes
  whole_piece(piece, "earlier")
}

function goes_on(k, from, generation, bytes) {
  if (!k || state[k] == "whole" || from != cut[k] + 0) return 0
  if (from == 0) generation_of[k] = generation
  return generation == generation_of[k] && from + bytes <= size[k] && (state[k] != "" || held + size[k] <= budget)
}

function open_chunk(k) {
  state[k] = "open"
  held += size[k]
}

function new_piece(k, bytes,    piece) {
  piece = name[k] "." (cut[k] + 0) "." (generation_of[k] + 0)
  chunk_of[piece] = k
  starts[piece] = cut[k] + 0
  length_of[piece] = bytes
  have[piece] = 0
  pieces[k] = pieces[k] " " piece
  cut[k] += bytes
  left -= bytes
  return piece
}

function whole_piece(piece, source,    k) {
  k = chunk_of[piece]
  credit(k, source)
  arrived_of[k] += length_of[piece]
  if (arrived_of[k] < size[k]) return
  state[k] = "whole"
  queue[++queued] = k
  hand_out()
}

# Which sources a chunk came from: one that is wrong as a whole names the liar only where there was one alone.
function credit(k, source) {
  if (index(from_[k] " ", " " source " ") == 0) {
    from_[k] = from_[k] " " source
    contributors[k]++
  }
}

function hand_out(    writer) {
  for (writer in idle) {
    if (handed >= queued) return
    handed++
    print writer, "write", orders[queue[handed]] pieces[queue[handed]]
    delete idle[writer]
    writing++
  }
}

function wrote(writer, index_, result, digest,    k) {
  k = place[index_]
  idle[writer] = 1
  writing--
  if (result == "ack") {
    state[k] = "done"
    held -= size[k]
    done++
    if (contributors[k] == 1) proved[substr(from_[k], 2)] = 1
    print "log ack", index_, digest, arrived + 0
  } else if (result == "packed") wrong(k)
  else end("bad " index_ " " result)
  hand_out()
  wake()
}

function wrong(k,    source, piece, list, n, i) {
  source = contributors[k] == 1 ? substr(from_[k], 2) : ""
  tries[k]++
  n = split(pieces[k], list, " ")
  for (i = 1; i <= n; i++) delete have[list[i]]
  print "clear", name[k], generation_of[k] + 0
  if (source in sources) distrust(source, name[k])
  else if (source == "ssh" || tries[k] >= most_tries) {
    end("bad " name[k] " packed")
    return
  }
  left += size[k]
  held -= size[k]
  state[k] = ""
  cut[k] = arrived_of[k] = contributors[k] = 0
  pieces[k] = from_[k] = owner[k] = ""
  generation_of[k]++
  if (k < low) low = k
}

# --- Which piece is next

function usable(source) { return source == "ssh" ? pushers > 0 : until_[source] <= now }

# Sources that have not yet proved themselves are kept apart, so that a wrong chunk shows who sent it.
function may(source, k) {
  if (owner[k] == "" || owner[k] == source || !usable(owner[k])) return 1
  return tries[k] == 0 && trusted(source) && trusted(owner[k])
}
function trusted(source) { return source == "ssh" || proved[source] }

function pick(stream, source,    i, piece, k, found) {
  for (i = back_first + 1; i <= back_last; i++) {
    piece = back[i]
    if (piece == "" || !(piece in have)) {
      back[i] = ""
      if (i == back_first + 1) back_first++
      continue
    }
    if (!may(source, chunk_of[piece])) continue
    back[i] = ""
    return piece
  }
  while (low <= count && cut[low] >= size[low]) low++
  for (k = low; k <= count; k++) {
    if (cut[k] >= size[k]) continue
    if (state[k] == "" && held + size[k] > budget) break
    if (!may(source, k)) continue
    if (state[k] == "") open_chunk(k)
    return new_piece(k, wanted(stream, k))
  }
  return ""
}

# About a second's worth; in the end so little that all streams end together, the slow ones too.
function wanted(stream, k,    rest, bytes, most, share, least) {
  rest = size[k] - cut[k]
  least = least_piece()
  bytes = int(rate[stream])
  most = size[k] > halved ? largest : int((size[k] + 1) / 2)
  if (bytes > most) bytes = most
  share = pace > 0 && rate[stream] > 0 ? room(stream) : int(left / (2 * (streams > 0 ? streams : 1)))
  if (bytes > share) bytes = share
  if (bytes < least) bytes = least
  return rest - bytes < least / 2 ? rest : bytes
}

# On a fast link a piece costs more than the time that its bytes take.
function least_piece() { return pace > ahead_rate ? 2 * smallest : smallest }

# Bytes that a stream brings in half of the time that all of them need for what nobody has been told to bring yet, less
# what it has in hand.
function room(stream,    bytes, piece, rest) {
  bytes = rate[stream] * left / pace / 2
  piece = first[stream]
  if (piece != "") {
    rest = length_of[piece] - have[piece] - rate[stream] * (now - began[stream])
    if (rest > 0) bytes -= rest
  }
  return int(bytes)
}

# --- Streams

function join_stream(stream,    other, slot) {
  slot = stream
  # A slot of the controller's has one connection: a new one tells that the old is dead.
  if (sub(/-.*/, "", slot)) {
    for (other in member) if (index(other, slot "-") == 1) gone(other)
    pushers++
  }
  member[stream] = 1
  streams++
}

function gone(stream) {
  if (!(stream in member)) return
  if (stream ~ /-/) pushers--
  delete member[stream]
  delete waits[stream]
  streams--
  lose(stream, first[stream])
  lose(stream, second[stream])
  if (first[stream] != "") active--
  first[stream] = second[stream] = ""
}

# How far a piece came on a connection that is gone, only its file knows.
function lose(stream, piece) {
  if (piece == "") return
  adrift[piece] = using[stream]
  print "probe", piece
}

function ask(stream, source, how) {
  if (!(stream in member)) return
  waits[stream] = source
  if (how == "wait") {
    serve(stream)
    return
  }
  delete waits[stream]
  if (!usable(source) || !may_ahead(stream) || !order(stream, source)) print stream, "none"
}

# Ahead of the answer to the first: not in the end, when others could begin it sooner. How fast the link is shows only
# after a while, and until then a fast one would stand still between two pieces.
function may_ahead(stream) {
  if (paced) return pace > ahead_rate && room(stream) >= least_piece()
  return left > 4 * streams * smallest
}

function serve(stream,    source) {
  if (halting || stopped || (paced >= 3 && active >= streams_wanted())) return 0
  source = stream ~ /-/ ? "ssh" : choose(waits[stream])
  if (source == "" || !order(stream, source)) return 0
  delete waits[stream]
  return 1
}

function order(stream, source,    piece, k) {
  piece = pick(stream, source)
  if (piece == "") return 0
  k = chunk_of[piece]
  if (owner[k] == "" || !usable(owner[k])) owner[k] = source
  if (first[stream] == "") {
    first[stream] = piece
    since[stream] = began[stream] = now
    active++
  } else second[stream] = piece
  using[stream] = source
  seen[piece] = have[piece]
  print stream, "get", piece, source, begins[k] + starts[piece], length_of[piece], have[piece]
  return 1
}

function streams_wanted(    n) {
  n = int(pace / stream_rate) + 1
  return n < fewest_streams ? fewest_streams : n
}

# A stream stays where it is, unless that place is of no use; then it goes where the fewest are.
function choose(current,    source, stream, load, best) {
  if ((current in sources) && usable(current)) return current
  best = ""
  for (stream in member) if (using[stream] in sources) load[using[stream]]++
  for (source in sources) if (usable(source) && (best == "" || load[source] + 0 < load[best] + 0)) best = source
  return best
}

function wake(    stream) { for (stream in waits) if (stream in waits) serve(stream) }

function got(stream, piece, source, bytes,    took) {
  if (first[stream] != piece) return
  arrived += bytes
  took = now - since[stream]
  if (bytes > 0) {
    took = now - began[stream]
    if (took < 0.01) took = 0.01
    # Bytes and seconds each by itself: pieces that a lost packet has held up come in a burst, which is no rate.
    brought[stream] = brought[stream] / 2 + bytes
    busy[stream] = busy[stream] / 2 + took
    rate[stream] = brought[stream] / busy[stream]
    usual[stream] = usual[stream] ? (usual[stream] * 3 + took) / 4 : took
    streak[stream] = 0
    came_back(source)
  }
  release(stream, piece)
  if (!(piece in have)) return
  have[piece] += bytes
  if (have[piece] >= length_of[piece]) whole_piece(piece, source)
  else {
    if (bytes > 0) credit(chunk_of[piece], source)
    give_back(piece)
  }
  wake()
}

function release(stream, piece) {
  if (second[stream] == piece) second[stream] = ""
  if (first[stream] != piece) return
  first[stream] = second[stream]
  second[stream] = ""
  since[stream] = began[stream] = now
  if (first[stream] == "") active--
}

function unfetched(stream, piece) {
  if (first[stream] != piece && second[stream] != piece) return
  give_back(piece)
  release(stream, piece)
  wake()
}

function give_back(piece) { if (piece in have) back[++back_last] = piece }

# --- Trouble

function distrust(source, index_,    stream) {
  until_[source] = now + distrust_seconds
  down[source] = 1
  proved[source] = 0
  print "log source", source, "wrong", index_
  for (stream in member) if (using[stream] == source && first[stream] != "") print "drop", stream
}

# A stream's first failure may be a cut that the whole path had: it tries again at once.
function failed_at(stream, source, reason) {
  if (!(source in sources) || ++streak[stream] < 2) return
  # Streams that fail together fail of one cause.
  if (failures[source] && now < failed_last[source] + 0.3) return
  failed_last[source] = now
  failures[source]++
  pause[source] = pause[source] ? pause[source] * 2 : 0.25
  if (pause[source] > 30) pause[source] = 30
  if (now + pause[source] > until_[source]) until_[source] = now + pause[source]
  if (failures[source] == 3) {
    down[source] = 1
    print "log source", source, "down", reason
  }
}

function came_back(source) {
  if (!(source in sources)) return
  failures[source] = pause[source] = 0
  if (down[source] && until_[source] <= now) {
    down[source] = 0
    print "log source", source, "up"
  }
}

function limit(stream) { return 4 * usual[stream] > stall_least ? 4 * usual[stream] : stall_least }

function tick(    stream) {
  if (ticked && now > ticked) {
    pace = paced ? pace * 0.6 + 0.4 * (arrived - counted) / (now - ticked) : (arrived - counted) / (now - ticked)
    if (arrived > 0) paced++
  }
  ticked = now
  counted = arrived
  # Now and then, so that whoever follows sees that something comes.
  if (arrived > moved && now >= moved_at + 5) {
    moved = arrived
    moved_at = now
    print "log moved", arrived
  }
  for (stream in member) if (first[stream] != "" && now - since[stream] > limit(stream)) print "probe", first[stream]
  wake()
}

function size_of(piece, bytes,    stream, source) {
  if (piece in adrift) {
    source = adrift[piece]
    delete adrift[piece]
    if (piece in have) {
      arrived += bytes - have[piece]
      if (bytes > have[piece]) credit(chunk_of[piece], source)
      have[piece] = bytes
      if (bytes >= length_of[piece]) whole_piece(piece, source)
      else give_back(piece)
    }
    wake()
    return
  }
  for (stream in member) if (first[stream] == piece) {
    if (bytes > seen[piece]) {
      seen[piece] = bytes
      since[stream] = now
    } else if (now - since[stream] > limit(stream)) {
      print "drop", stream
      since[stream] = now
      failed_at(stream, using[stream], "stalled")
      if (stream ~ /-/) gone(stream)
    }
    return
  }
}

function end(record) {
  print "log", record
  print "stop"
  stopped = 1
}

function finish() {
  if (done == count) end("done " (arrived + 0))
  else if (halting && writing == 0) end("stopped " (arrived + 0))
}

import type {ErrorCode} from 'yaml';

/**
 * What YAML's errors mean to the person who wrote the file. The library's own sentences are not shown: some quote
 * the text they stumble over, and that may be a secret.
 */
export const syntax: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias cannot have an anchor or a tag',
  BAD_ALIAS: 'an alias has no name',
  BAD_COLLECTION_TYPE: 'this tag does not fit what follows it',
  BAD_DIRECTIVE: 'a % directive is not permitted: a runbook is plain YAML 1.2',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins an escape that YAML does not have; use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines above, or a bracket is not closed',
  BAD_PROP_ORDER: 'an anchor or tag is in the wrong place',
  BAD_SCALAR_START: 'a text cannot begin with this character; quote it',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " in one value: quote the text, or check the indentation of the next lines',
  BLOCK_IN_FLOW: 'a block cannot stand inside { } or [ ]',
  DUPLICATE_KEY: 'the same key twice',
  IMPOSSIBLE: 'this is not YAML',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters; is a bracket or a quote not closed?',
  MISSING_CHAR:
    'something is not closed or not separated here: a quote, a bracket, a comma, or the space after a colon',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; check the indentation, and that quotes and brackets are closed',
  MULTIPLE_ANCHORS: 'two anchors on one value',
  MULTIPLE_DOCS: 'a second document begins here; a file holds one runbook',
  MULTIPLE_TAGS: 'two tags on one value',
  NON_STRING_KEY: 'a key must be text',
  RESOURCE_EXHAUSTION: 'this is nested too deep or too large',
  TAB_AS_INDENT: 'a tab indents this line; YAML takes spaces only',
  TAG_RESOLVE_FAILED: 'a tag such as !name has no meaning here',
  UNEXPECTED_TOKEN: 'this was not expected here; check quotes, brackets and indentation',
};

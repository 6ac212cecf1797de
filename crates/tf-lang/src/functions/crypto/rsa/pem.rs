//! PEM (RFC 7468 and the headers of RFC 1421), as lax and as strict as Go's `encoding/pem`.

use crate::functions::crypto::decode_base64;

/// A block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Block {
    /// What it says it is.
    pub(super) kind: String,
    /// Its contents.
    pub(super) contents: Vec<u8>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Block {
    /// The value of a header; of several the last.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().rev().find(|(own, _)| own == name.as_bytes());
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }
}

/// Longer texts are not searched: every line that looks like the beginning of a block is tried.
const MAX_LENGTH: usize = 64 << 10;

/// The first block that is well-formed.
pub(super) fn decode(text: &[u8]) -> Option<Block> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    const BEGIN: &[u8] = b"\n-----BEGIN ";
    let mut rest = text.strip_prefix(BEGIN.get(1..)?);
    let mut unread = text;
    loop {
        let after = match rest.take() {
            Some(after) => after,
            None => unread.get(find(unread, BEGIN)? + BEGIN.len()..)?,
        };
        let (first, body) = line(after);
        unread = body;
        if let Some(kind) = first.strip_suffix(b"-----") {
            let (headers, body) = headers(body)?;
            unread = body;
            if let Some(contents) = contents(body, kind, headers.is_empty()) {
                let kind = String::from_utf8_lossy(kind).into_owned();
                return Some(Block {
                    kind,
                    contents,
                    headers,
                });
            }
        }
        rest = unread.strip_prefix(BEGIN.get(1..)?);
    }
}

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// Lines with a colon, and what follows them.
fn headers(mut rest: &[u8]) -> Option<(Headers, &[u8])> {
    let mut headers = Headers::new();
    loop {
        if rest.is_empty() {
            return None;
        }
        let (first, next) = line(rest);
        let Some(colon) = first.iter().position(|&byte| byte == b':') else {
            return Some((headers, rest));
        };
        let (name, value) = first.split_at_checked(colon)?;
        headers.push((name.trim_ascii().to_vec(), value.get(1..)?.trim_ascii().to_vec()));
        rest = next;
    }
}

/// What is encoded before the end of a block.
fn contents(body: &[u8], kind: &[u8], no_headers: bool) -> Option<Vec<u8>> {
    const END: &[u8] = b"\n-----END ";
    let (encoded, after) = match body.strip_prefix(END.get(1..)?).filter(|_| no_headers) {
        Some(after) => (b"".as_slice(), after),
        None => {
            let end = find(body, END)?;
            (body.get(..end)?, body.get(end + END.len()..)?)
        }
    };
    let after = after.strip_prefix(kind)?.strip_prefix(b"-----")?;
    if !line(after).0.is_empty() {
        return None;
    }
    let encoded: Vec<u8> = encoded
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b' ' | b'\t'))
        .collect();
    decode_base64(&encoded)
}

/// A line without the white space at its end, and what follows it.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(end).unwrap_or((text, b""));
    let mut line = line
        .strip_suffix(b"\r")
        .filter(|_| !rest.is_empty())
        .unwrap_or(line);
    while let [start @ .., b' ' | b'\t'] = line {
        line = start;
    }
    (line, rest.get(1..).unwrap_or_default())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found() {
        for (text, wanted) in [
            (
                "-----BEGIN A-----\naGVs\nbG8=\n-----END A-----",
                Some(("A", "hello")),
            ),
            (
                "x\r\n-----BEGIN A B-----\r\naGVs bG8=\r\n-----END A B-----\r\ny",
                Some(("A B", "hello")),
            ),
            ("-----BEGIN A-----\n-----END A-----", Some(("A", ""))),
            (
                "-----BEGIN A-----\nK: v\n\naGVsbG8=\n-----END A-----",
                Some(("A", "hello")),
            ),
            (
                "-----BEGIN A-----\naGVsbG8=\n-----END B-----\n-----BEGIN C-----\n\n-----END C-----",
                Some(("C", "")),
            ),
            ("-----BEGIN A-----\naGVsbG8\n-----END A-----", None),
            ("-----BEGIN A-----\naGVsbG8=\n-----END A-----x", None),
            ("-----BEGIN A-----\naGVsbG8=", None),
            (" -----BEGIN A-----\naGVsbG8=\n-----END A-----", None),
            (
                "-----BEGIN A\n-----BEGIN B-----\naGVsbG8=\n-----END B-----",
                Some(("B", "hello")),
            ),
            ("", None),
        ] {
            let block = decode(text.as_bytes());
            let found = block
                .as_ref()
                .map(|block| (block.kind.as_str(), block.contents.as_slice()));
            assert_eq!(
                found,
                wanted.map(|(kind, contents)| (kind, contents.as_bytes())),
                "{text}"
            );
        }
        let block =
            decode(b"-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\naGVsbG8=\n-----END A-----").unwrap();
        assert_eq!(block.header("Proc-Type").as_deref(), Some("4,ENCRYPTED"));
    }
}

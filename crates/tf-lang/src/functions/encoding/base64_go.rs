//! Base64 as Go's `base64.StdEncoding` reads it: line ends are skipped, bits that are left over are not
//! looked at, and what is wrong is wrong at a certain offset.

/// The bytes, or the offset of the first symbol that is wrong.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut symbols = text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| !matches!(byte, b'\n' | b'\r'));
    loop {
        let mut group: Vec<u8> = Vec::with_capacity(4);
        while group.len() < 4 {
            match symbols.next() {
                None if group.is_empty() => return Ok(out),
                None => return Err(text.len() - group.len()),
                Some((at, b'=')) => {
                    padding(text, at, group.len(), &mut symbols)?;
                    push(&mut out, &group);
                    return Ok(out);
                }
                Some((at, byte)) => group.push(value(byte).ok_or(at)?),
            }
        }
        push(&mut out, &group);
    }
}

/// Checks what follows the first `=` of a group that has `have` symbols.
fn padding(
    text: &str,
    at: usize,
    have: usize,
    symbols: &mut impl Iterator<Item = (usize, u8)>,
) -> Result<(), usize> {
    match have {
        0 | 1 => return Err(at),
        2 => match symbols.next() {
            None => return Err(text.len()),
            Some((_, b'=')) => {}
            // Go names the symbol before.
            Some((wrong, _)) => return Err(wrong - 1),
        },
        _ => {}
    }
    match symbols.next() {
        None => Ok(()),
        Some((garbage, _)) => Err(garbage),
    }
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Appends the whole bytes of up to four symbols of six bits.
fn push(out: &mut Vec<u8>, group: &[u8]) {
    let mut bits = group
        .iter()
        .fold(0u32, |bits, symbol| bits << 6 | u32::from(*symbol));
    bits <<= 6 * (4 - group.len().min(4));
    let bytes = bits.to_be_bytes();
    out.extend(bytes.iter().skip(1).take(group.len().saturating_sub(1)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_and_blames_as_go_does() {
        for (text, want) in [
            ("", Ok(&b""[..])),
            ("YQ==", Ok(b"a")),
            ("YWI=", Ok(b"ab")),
            ("YWJj", Ok(b"abc")),
            ("Y\nQ=\r\n=\n", Ok(b"a")),
            ("YR==", Ok(b"a")),
            ("YQ", Err(0)),
            ("YWJjY", Err(4)),
            ("YQ=", Err(3)),
            ("Y===", Err(1)),
            ("YQ=x", Err(2)),
            ("YQ==x", Err(4)),
            ("YWI=x", Err(4)),
            ("YW?j", Err(2)),
        ] {
            assert_eq!(decode(text).as_deref().map_err(|at| *at), want, "{text:?}");
        }
    }
}

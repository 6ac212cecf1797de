//! East Asian encodings as Terraform has them by `golang.org/x/text`. The tables are those of encoding_rs, which
//! follows the same standard for browsers; what differs is which characters are left out, which of several codes
//! a character gets, and how texts in seven bits change between alphabets.

use std::collections::HashMap;
use std::sync::OnceLock;

use encoding_rs::{BIG5, DecoderResult, EUC_JP, EUC_KR, EncoderResult, Encoding, GB18030, GBK, SHIFT_JIS};

/// An encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Multibyte {
    EucJp,
    Iso2022Jp,
    ShiftJis,
    EucKr,
    Gb18030,
    Gbk,
    Hz,
    Big5,
}

impl Multibyte {
    /// The bytes of a text; `None` if it has characters that the encoding lacks.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        if self == Multibyte::Iso2022Jp {
            return encode_iso_2022_jp(text);
        }
        let mut out = Vec::with_capacity(text.len());
        let mut chinese = false;
        for letter in text.chars() {
            match letter {
                '~' if self == Multibyte::Hz => out.extend(b"~~"),
                ascii if ascii.is_ascii() => {
                    if std::mem::take(&mut chinese) {
                        out.extend(b"~}");
                    }
                    out.push(ascii as u8);
                }
                other if self == Multibyte::Hz => {
                    if !std::mem::replace(&mut chinese, true) {
                        out.extend(b"~{");
                    }
                    out.extend(gb_2312(other)?);
                }
                other => out.extend(self.encode_letter(other)?),
            }
        }
        Some(out)
    }

    fn encode_letter(self, letter: char) -> Option<Vec<u8>> {
        match self {
            Multibyte::EucJp => euc_jp(letter),
            Multibyte::EucKr => standard(EUC_KR, letter),
            Multibyte::ShiftJis => shift_jis(letter),
            Multibyte::Gbk => standard(GBK, letter).filter(|_| !missing_from_gbk(letter)),
            Multibyte::Gb18030 => gb_18030(letter),
            Multibyte::Big5 => big5(letter),
            Multibyte::Iso2022Jp | Multibyte::Hz => None,
        }
    }

    /// The text of bytes; `None` if some mean nothing.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        let letters_missing = |text: &String, missing: fn(char) -> bool| text.chars().any(missing);
        match self {
            Multibyte::EucJp => decode(EUC_JP, bytes),
            Multibyte::EucKr => decode(EUC_KR, bytes),
            Multibyte::Big5 => decode(BIG5, bytes),
            Multibyte::Iso2022Jp => decode_iso_2022_jp(bytes),
            Multibyte::ShiftJis => decode(SHIFT_JIS, bytes).filter(|text| !letters_missing(text, is_private)),
            Multibyte::Gb18030 => {
                decode(GB18030, bytes).filter(|text| !letters_missing(text, missing_from_gbk))
            }
            Multibyte::Gbk => decode(GBK, bytes)
                .filter(|text| !letters_missing(text, missing_from_gbk) && !has_four_bytes(bytes)),
            Multibyte::Hz => decode_hz(bytes),
        }
    }
}

fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len())?);
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut out, true);
    matches!(result, DecoderResult::InputEmpty).then_some(out)
}

/// The bytes that the standard for browsers gives a character.
fn standard(encoding: &'static Encoding, letter: char) -> Option<Vec<u8>> {
    let mut encoder = encoding.new_encoder();
    let mut out = Vec::with_capacity(16);
    let text = letter.encode_utf8(&mut [0; 4]).to_owned();
    let (result, _) = encoder.encode_from_utf8_to_vec_without_replacement(&text, &mut out, true);
    matches!(result, EncoderResult::InputEmpty).then_some(out)
}

/// What characters the codes of an encoding stand for, the other way round. Of several codes the first counts,
/// or the last.
fn reversed(
    encoding: &'static Encoding,
    codes: impl Iterator<Item = Vec<u8>>,
    last: fn(char) -> bool,
) -> HashMap<char, Vec<u8>> {
    let mut map: HashMap<char, Vec<u8>> = HashMap::new();
    for code in codes {
        let Some(text) = decode(encoding, &code) else {
            continue;
        };
        let mut letters = text.chars();
        if let (Some(letter), None) = (letters.next(), letters.next())
            && !letter.is_ascii()
            && (last(letter) || !map.contains_key(&letter))
        {
            map.insert(letter, code);
        }
    }
    map
}

/// All codes of two bytes, in order.
fn pairs() -> impl Iterator<Item = Vec<u8>> {
    (0x81..=0xfe).flat_map(|first| (0x40..=0xfe).map(move |second| vec![first, second]))
}

/// Signs that browsers take for others of ASCII and JIS.
fn is_lenient(letter: char) -> bool {
    matches!(letter, '\u{a5}' | '\u{203e}' | '\u{2212}')
}

fn euc_jp(letter: char) -> Option<Vec<u8>> {
    static JIS_X_0212: OnceLock<HashMap<char, Vec<u8>>> = OnceLock::new();
    if is_lenient(letter) {
        return None;
    }
    standard(EUC_JP, letter).or_else(|| {
        let codes =
            || (0xa1..=0xfe).flat_map(|first| (0xa1..=0xfe).map(move |second| vec![0x8f, first, second]));
        JIS_X_0212
            .get_or_init(|| reversed(EUC_JP, codes(), |_| false))
            .get(&letter)
            .cloned()
    })
}

fn shift_jis(letter: char) -> Option<Vec<u8>> {
    static CODES: OnceLock<HashMap<char, Vec<u8>>> = OnceLock::new();
    let codes = || (0xa1..=0xdf).map(|byte| vec![byte]).chain(pairs());
    let map = CODES.get_or_init(|| reversed(SHIFT_JIS, codes(), |_| false));
    map.get(&letter).filter(|_| !is_private(letter)).cloned()
}

fn is_private(letter: char) -> bool {
    matches!(letter, '\u{e000}'..='\u{f8ff}')
}

fn big5(letter: char) -> Option<Vec<u8>> {
    static CODES: OnceLock<HashMap<char, Vec<u8>>> = OnceLock::new();
    let map = CODES.get_or_init(|| reversed(BIG5, pairs(), |letter| !BIG5_FIRST.contains(&letter)));
    map.get(&letter).cloned()
}

/// Characters of which the first code counts.
const BIG5_FIRST: [char; 4] = ['\u{5140}', '\u{55c0}', '\u{5f22}', '\u{6148}'];

/// What later editions of GB 18030 have added in two bytes, and characters for private use.
fn missing_from_gbk(letter: char) -> bool {
    matches!(letter,
        '\u{1e3f}' | '\u{9fb4}'..='\u{9fbb}' | '\u{e000}'..='\u{e864}' | '\u{fe10}'..='\u{fe19}')
}

fn gb_18030(letter: char) -> Option<Vec<u8>> {
    if !missing_from_gbk(letter) {
        return standard(GB18030, letter);
    }
    // The codes of four bytes run on through what has no code of two bytes. (U+E7C7 has got one elsewhere.)
    let before = (0..=letter as u32)
        .rev()
        .filter_map(char::from_u32)
        .filter(|before| *before != '\u{e7c7}')
        .find_map(|before| match standard(GB18030, before)?.as_slice() {
            [a, b, c, d] => Some((before, four_bytes_index([*a, *b, *c, *d]))),
            _ => None,
        });
    let (before, index) = before?;
    Some(four_bytes(index + (letter as u32 - before as u32)))
}

fn four_bytes_index([a, b, c, d]: [u8; 4]) -> u32 {
    let digit = |byte: u8, first: u8| u32::from(byte.saturating_sub(first));
    ((digit(a, 0x81) * 10 + digit(b, 0x30)) * 126 + digit(c, 0x81)) * 10 + digit(d, 0x30)
}

fn four_bytes(index: u32) -> Vec<u8> {
    let parts = [
        index / 12600 + 0x81,
        index / 1260 % 10 + 0x30,
        index / 10 % 126 + 0x81,
        index % 10 + 0x30,
    ];
    parts
        .into_iter()
        .filter_map(|part| u8::try_from(part).ok())
        .collect()
}

/// Whether there are codes of four bytes, which GBK lacks.
fn has_four_bytes(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [0x81..=0xfe, b'0'..=b'9', ..] => return true,
            [0x81..=0xfe, _, after @ ..] | [_, after @ ..] => after,
            [] => return false,
        };
    }
}

/// The two bytes of GB 2312 in seven bits.
fn gb_2312(letter: char) -> Option<[u8; 2]> {
    if letter == '€' {
        return Some([0x22, 0x63]);
    }
    match standard(GBK, letter)?.as_slice() {
        [first @ 0xa1..=0xfe, second @ 0xa1..=0xfe] if !missing_from_gbk(letter) => {
            Some([first & 0x7f, second & 0x7f])
        }
        _ => None,
    }
}

fn decode_hz(bytes: &[u8]) -> Option<String> {
    let mut out = String::new();
    let mut chinese = false;
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return Some(out),
            [b'~', b'{', after @ ..] => {
                chinese = true;
                after
            }
            [b'~', b'}', after @ ..] => {
                chinese = false;
                after
            }
            [b'~', b'~', after @ ..] => {
                out.push('~');
                after
            }
            [b'~', b'\n', after @ ..] => after,
            [b'~', ..] => return None,
            [first, second, after @ ..] if chinese => {
                out.push_str(&Multibyte::Gbk.decode(&[first | 0x80, second | 0x80])?);
                after
            }
            [ascii, after @ ..] if ascii.is_ascii() && !chinese => {
                out.push(char::from(*ascii));
                after
            }
            _ => return None,
        };
    }
}

/// The alphabets of ISO-2022-JP.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Ascii,
    Katakana,
    Kanji,
}

impl Alphabet {
    fn escape(self) -> &'static [u8] {
        match self {
            Alphabet::Ascii => b"\x1b(B",
            Alphabet::Katakana => b"\x1b(I",
            Alphabet::Kanji => b"\x1b$B",
        }
    }
}

fn encode_iso_2022_jp(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut alphabet = Alphabet::Ascii;
    for letter in text.chars() {
        let (wanted, code) = match letter {
            ascii if ascii.is_ascii() => (Alphabet::Ascii, vec![ascii as u8]),
            half @ '\u{ff61}'..='\u{ff9f}' => (Alphabet::Katakana, vec![(half as u32 - 0xff40) as u8]),
            other => match euc_jp(other)?.as_slice() {
                [first @ 0xa1..=0xff, second] => (Alphabet::Kanji, vec![first & 0x7f, second & 0x7f]),
                _ => return None,
            },
        };
        if wanted != alphabet {
            out.extend(wanted.escape());
            alphabet = wanted;
        }
        out.extend(code);
    }
    if alphabet != Alphabet::Ascii {
        out.extend(Alphabet::Ascii.escape());
    }
    Some(out)
}

fn decode_iso_2022_jp(bytes: &[u8]) -> Option<String> {
    // The Roman alphabet of JIS, which Go takes for ASCII.
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        match rest {
            [0x1b, b'(', b'J', after @ ..] => {
                plain.extend(Alphabet::Ascii.escape());
                rest = after;
            }
            _ => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    decode(encoding_rs::ISO_2022_JP, &plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_as_terraform_does() {
        for (encoding, text, want) in [
            (Multibyte::EucJp, "日¡", Some(&b"\xc6\xfc\x8f\xa2\xc2"[..])),
            (Multibyte::EucJp, "¥", None),
            (Multibyte::ShiftJis, "日ｱⅰ", Some(b"\x93\xfa\xb1\xee\xef")),
            (Multibyte::ShiftJis, "\u{e000}", None),
            (Multibyte::Iso2022Jp, "a日ｱ", Some(b"a\x1b$BF|\x1b(I1\x1b(B")),
            (Multibyte::EucKr, "한", Some(b"\xc7\xd1")),
            (Multibyte::Gbk, "日€", Some(b"\xc8\xd5\x80")),
            (Multibyte::Gbk, "\u{1e3f}", None),
            (
                Multibyte::Gb18030,
                "\u{1e3f}\u{e000}",
                Some(b"\x81\x35\xf4\x37\x83\x38\x98\x37"),
            ),
            (Multibyte::Big5, "À", Some(b"\x88\x59")),
            (Multibyte::Hz, "a~日本~b", Some(b"a~~~{HU1>~~~}b")),
        ] {
            assert_eq!(encoding.encode(text).as_deref(), want, "{encoding:?} {text}");
        }
    }

    #[test]
    fn decodes_as_terraform_does() {
        for (encoding, bytes, want) in [
            (Multibyte::ShiftJis, &b"\x93\xfa"[..], Some("日")),
            (Multibyte::ShiftJis, b"\xf0\x40", None),
            (Multibyte::Gbk, b"\x81\x30\x81\x30", None),
            (Multibyte::Gb18030, b"\x81\x30\x81\x30", Some("\u{80}")),
            (Multibyte::Iso2022Jp, b"\x1b$BF|\x1b(J\\", Some("日\\")),
            (Multibyte::Hz, b"~{HU1>~}a", Some("日本a")),
            (Multibyte::Hz, b"~{H", None),
            (Multibyte::Hz, b"~x", None),
        ] {
            assert_eq!(encoding.decode(bytes).as_deref(), want, "{encoding:?} {bytes:?}");
        }
    }
}

//! Escapes, and classes of characters.

use std::fmt::Write as _;

use super::parser::{Flags, SyntaxError};

pub(super) const INVALID_ESCAPE: &str = "invalid escape sequence";
const INVALID_RANGE: &str = "invalid character class range";

/// A class that matches no character.
pub(super) const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";
const EVERYTHING: &str = r"[\x{0}-\x{10FFFF}]";

/// Categories that Go 1.23 knows by name.
const CATEGORIES: &[&str] = &[
    "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl",
    "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
];

/// Scripts that Go 1.23 knows by name: those of Unicode 15.0.
const SCRIPTS: &[&str] = &[
    "Adlam",
    "Ahom",
    "Anatolian_Hieroglyphs",
    "Arabic",
    "Armenian",
    "Avestan",
    "Balinese",
    "Bamum",
    "Bassa_Vah",
    "Batak",
    "Bengali",
    "Bhaiksuki",
    "Bopomofo",
    "Brahmi",
    "Braille",
    "Buginese",
    "Buhid",
    "Canadian_Aboriginal",
    "Carian",
    "Caucasian_Albanian",
    "Chakma",
    "Cham",
    "Cherokee",
    "Chorasmian",
    "Common",
    "Coptic",
    "Cuneiform",
    "Cypriot",
    "Cypro_Minoan",
    "Cyrillic",
    "Deseret",
    "Devanagari",
    "Dives_Akuru",
    "Dogra",
    "Duployan",
    "Egyptian_Hieroglyphs",
    "Elbasan",
    "Elymaic",
    "Ethiopic",
    "Georgian",
    "Glagolitic",
    "Gothic",
    "Grantha",
    "Greek",
    "Gujarati",
    "Gunjala_Gondi",
    "Gurmukhi",
    "Han",
    "Hangul",
    "Hanifi_Rohingya",
    "Hanunoo",
    "Hatran",
    "Hebrew",
    "Hiragana",
    "Imperial_Aramaic",
    "Inherited",
    "Inscriptional_Pahlavi",
    "Inscriptional_Parthian",
    "Javanese",
    "Kaithi",
    "Kannada",
    "Katakana",
    "Kawi",
    "Kayah_Li",
    "Kharoshthi",
    "Khitan_Small_Script",
    "Khmer",
    "Khojki",
    "Khudawadi",
    "Lao",
    "Latin",
    "Lepcha",
    "Limbu",
    "Linear_A",
    "Linear_B",
    "Lisu",
    "Lycian",
    "Lydian",
    "Mahajani",
    "Makasar",
    "Malayalam",
    "Mandaic",
    "Manichaean",
    "Marchen",
    "Masaram_Gondi",
    "Medefaidrin",
    "Meetei_Mayek",
    "Mende_Kikakui",
    "Meroitic_Cursive",
    "Meroitic_Hieroglyphs",
    "Miao",
    "Modi",
    "Mongolian",
    "Mro",
    "Multani",
    "Myanmar",
    "Nabataean",
    "Nag_Mundari",
    "Nandinagari",
    "New_Tai_Lue",
    "Newa",
    "Nko",
    "Nushu",
    "Nyiakeng_Puachue_Hmong",
    "Ogham",
    "Ol_Chiki",
    "Old_Hungarian",
    "Old_Italic",
    "Old_North_Arabian",
    "Old_Permic",
    "Old_Persian",
    "Old_Sogdian",
    "Old_South_Arabian",
    "Old_Turkic",
    "Old_Uyghur",
    "Oriya",
    "Osage",
    "Osmanya",
    "Pahawh_Hmong",
    "Palmyrene",
    "Pau_Cin_Hau",
    "Phags_Pa",
    "Phoenician",
    "Psalter_Pahlavi",
    "Rejang",
    "Runic",
    "Samaritan",
    "Saurashtra",
    "Sharada",
    "Shavian",
    "Siddham",
    "SignWriting",
    "Sinhala",
    "Sogdian",
    "Sora_Sompeng",
    "Soyombo",
    "Sundanese",
    "Syloti_Nagri",
    "Syriac",
    "Tagalog",
    "Tagbanwa",
    "Tai_Le",
    "Tai_Tham",
    "Tai_Viet",
    "Takri",
    "Tamil",
    "Tangsa",
    "Tangut",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
    "Tifinagh",
    "Tirhuta",
    "Toto",
    "Ugaritic",
    "Vai",
    "Vithkuqi",
    "Wancho",
    "Warang_Citi",
    "Yezidi",
    "Yi",
    "Zanabazar_Square",
];

/// The inside of a bracket for a name between `[:` and `:]`.
fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x{0}-\x{7F}",
        "blank" => r"\x{9}\x{20}",
        "cntrl" => r"\x{0}-\x{1F}\x{7F}",
        "digit" => "0-9",
        "graph" => r"\x{21}-\x{7E}",
        "lower" => "a-z",
        "print" => r"\x{20}-\x{7E}",
        "punct" => r"\x{21}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{60}\x{7B}-\x{7E}",
        "space" => r"\x{9}-\x{D}\x{20}",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}

/// Reads a class in brackets. Gives it as the crate `regex` wants it, and what follows it.
///
/// # Errors
/// Go's, if the class is wrong.
pub(super) fn parse(whole: &str, flags: Flags) -> Result<(String, &str), SyntaxError> {
    let mut rest = whole.get(1..).unwrap_or_default();
    let negated = rest.starts_with('^');
    if negated {
        rest = rest.get(1..).unwrap_or_default();
    }
    let mut inside = String::new();
    let mut first = true;
    while first || !rest.starts_with(']') {
        first = false;
        if let Some((group, after)) = parse_posix(rest)? {
            inside.push_str(&group);
            rest = after;
        } else if let Some((group, after)) = parse_group(rest)? {
            inside.push_str(&group);
            rest = after;
        } else {
            rest = parse_range(rest, whole, &mut inside)?;
        }
    }
    let rest = rest.get(1..).unwrap_or_default();
    let class = match (inside.is_empty(), negated) {
        (true, false) => NOTHING.to_owned(),
        (true, true) => EVERYTHING.to_owned(),
        (false, _) => {
            let (open, close) = if flags.fold { ("(?i:", ")") } else { ("", "") };
            format!("{open}[{}{inside}]{close}", if negated { "^" } else { "" })
        }
    };
    Ok((class, rest))
}

/// A character or a range of them.
fn parse_range<'a>(text: &'a str, whole: &str, inside: &mut String) -> Result<&'a str, SyntaxError> {
    let (low, mut rest) = parse_char(text, whole)?;
    let mut high = low;
    // A hyphen before the closing bracket stands for itself.
    if let Some(after) = rest
        .strip_prefix('-')
        .filter(|after| !after.is_empty() && !after.starts_with(']'))
    {
        (high, rest) = parse_char(after, whole)?;
        if high < low {
            let range = text.get(..text.len() - rest.len()).unwrap_or(text);
            return Err(SyntaxError::new(INVALID_RANGE, range));
        }
    }
    push_range(low, high, inside);
    Ok(rest)
}

/// Surrogates, which no text contains, are left out.
fn push_range(low: u32, high: u32, inside: &mut String) {
    for (low, high) in [(low, high.min(0xd7ff)), (low.max(0xe000), high)] {
        if low <= high {
            // Writing to a string cannot fail.
            let _ = match low == high {
                true => write!(inside, "\\x{{{low:X}}}"),
                false => write!(inside, "\\x{{{low:X}}}-\\x{{{high:X}}}"),
            };
        }
    }
}

fn parse_char<'a>(text: &'a str, whole: &str) -> Result<(u32, &'a str), SyntaxError> {
    match text.chars().next() {
        None => Err(SyntaxError::new("missing closing ]", whole)),
        Some('\\') => parse_escape(text),
        Some(char) => Ok((u32::from(char), text.get(char.len_utf8()..).unwrap_or_default())),
    }
}

/// `[:name:]` or `[:^name:]` inside brackets.
fn parse_posix(text: &str) -> Result<Option<(String, &str)>, SyntaxError> {
    let Some((name, rest)) = text.strip_prefix("[:").and_then(|text| text.split_once(":]")) else {
        return Ok(None);
    };
    let (negated, plain) = name
        .strip_prefix('^')
        .map_or((false, name), |plain| (true, plain));
    match posix(plain) {
        Some(group) if negated => Ok(Some((format!("[^{group}]"), rest))),
        Some(group) => Ok(Some((group.to_owned(), rest))),
        None => Err(SyntaxError::new(INVALID_RANGE, format!("[:{name}:]"))),
    }
}

/// An escape that stands for several characters, as the inside of a bracket, and what follows it.
///
/// # Errors
/// Go's, for a Unicode class that there is not.
pub(super) fn parse_group(text: &str) -> Result<Option<(String, &str)>, SyntaxError> {
    let Some(letter) = text.strip_prefix('\\').and_then(|rest| rest.chars().next()) else {
        return Ok(None);
    };
    let rest = text.get(1 + letter.len_utf8()..).unwrap_or_default();
    let group = match letter {
        'd' => "0-9",
        'D' => "[^0-9]",
        's' => r"\x{9}\x{A}\x{C}\x{D}\x{20}",
        'S' => r"[^\x{9}\x{A}\x{C}\x{D}\x{20}]",
        'w' => "0-9A-Za-z_",
        'W' => "[^0-9A-Za-z_]",
        'p' | 'P' => return parse_unicode(text, letter == 'P').map(Some),
        _ => return Ok(None),
    };
    Ok(Some((group.to_owned(), rest)))
}

/// `\pL`, `\p{Greek}`, `\P{Greek}` or `\p{^Greek}`.
fn parse_unicode(text: &str, negated: bool) -> Result<(String, &str), SyntaxError> {
    let after = text.get(2..).unwrap_or_default();
    let (name, rest) = match after.strip_prefix('{') {
        Some(braced) => braced
            .split_once('}')
            .ok_or_else(|| SyntaxError::new(INVALID_RANGE, text))?,
        None => after
            .split_at_checked(after.chars().next().map_or(0, char::len_utf8))
            .unwrap_or((after, "")),
    };
    let (inverted, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
    let group = unicode(name).ok_or_else(|| {
        let sequence = text.get(..text.len() - rest.len()).unwrap_or(text);
        SyntaxError::new(INVALID_RANGE, sequence)
    })?;
    Ok((
        if negated != inverted {
            format!("[^{group}]")
        } else {
            group
        },
        rest,
    ))
}

/// The inside of a bracket for a Unicode class.
fn unicode(name: &str) -> Option<String> {
    match name {
        "Any" => Some(r"\x{0}-\x{10FFFF}".to_owned()),
        // Go's does not have the code points that are not assigned.
        "C" => Some(r"\p{Cc}\p{Cf}\p{Co}".to_owned()),
        "Cs" => Some(NOTHING.to_owned()),
        _ if CATEGORIES.contains(&name) => Some(format!("\\p{{gc={name}}}")),
        _ if SCRIPTS.contains(&name) => Some(format!("\\p{{sc={name}}}")),
        _ => None,
    }
}

/// An escape that stands for one character, and what follows it.
///
/// # Errors
/// Go's, if there is no such escape.
pub(super) fn parse_escape(text: &str) -> Result<(u32, &str), SyntaxError> {
    let mut chars = text.chars();
    chars.next();
    let Some(first) = chars.next() else {
        return Err(SyntaxError::new("trailing backslash at end of expression", ""));
    };
    let after = chars.as_str();
    let invalid = |rest: &str| {
        SyntaxError::new(
            INVALID_ESCAPE,
            text.get(..text.len() - rest.len()).unwrap_or(text),
        )
    };
    let simple = match first {
        '0' => return Ok(octal(0, after)),
        '1'..='7' if after.starts_with(|char| matches!(char, '0'..='7')) => {
            return Ok(octal(u32::from(first) - u32::from('0'), after));
        }
        'x' => return hexadecimal(after).map_err(invalid),
        'a' => 0x07,
        'f' => 0x0c,
        'n' => 0x0a,
        'r' => 0x0d,
        't' => 0x09,
        'v' => 0x0b,
        other if other.is_ascii() && !other.is_ascii_alphanumeric() => u32::from(other),
        _ => return Err(invalid(after)),
    };
    Ok((simple, after))
}

/// Up to two more octal digits.
fn octal(first: u32, text: &str) -> (u32, &str) {
    let digits = text
        .bytes()
        .take(2)
        .take_while(|digit| matches!(digit, b'0'..=b'7'));
    let (mut value, mut length) = (first, 0);
    for digit in digits {
        value = value * 8 + u32::from(digit - b'0');
        length += 1;
    }
    (value, text.get(length..).unwrap_or_default())
}

/// Two hexadecimal digits, or any number of them in braces; the error is what has not been read yet.
fn hexadecimal(text: &str) -> Result<(u32, &str), &str> {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return Err("") };
    if first != '{' {
        let second = chars.next();
        let rest = chars.as_str();
        let digits = first
            .to_digit(16)
            .zip(second.and_then(|second| second.to_digit(16)));
        return digits.map(|(high, low)| (high * 16 + low, rest)).ok_or(rest);
    }
    let (mut value, mut any) = (0_u32, false);
    while let Some(char) = chars.next() {
        let rest = chars.as_str();
        if char == '}' {
            return if any { Ok((value, rest)) } else { Err(rest) };
        }
        value = value * 16 + char.to_digit(16).ok_or(rest)?;
        if value > u32::from(char::MAX) {
            return Err(rest);
        }
        any = true;
    }
    Err("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known_to_the_other_crate() {
        for name in CATEGORIES.iter().chain(SCRIPTS).chain(&["Any"]) {
            let class = format!("[{}]", unicode(name).unwrap());
            assert!(regex::bytes::Regex::new(&class).is_ok(), "{name}");
        }
    }

    #[test]
    fn classes_are_written_for_the_other_crate() {
        let fold = Flags {
            fold: true,
            ..Flags::default()
        };
        for (text, flags, wanted, rest) in [
            ("[a-c]x", Flags::default(), r"[\x{61}-\x{63}]", "x"),
            ("[]a]", Flags::default(), r"[\x{5D}\x{61}]", ""),
            ("[^a-]", fold, r"(?i:[^\x{61}\x{2D}])", ""),
            (
                r"[\w&&[\n]",
                Flags::default(),
                r"[0-9A-Za-z_\x{26}\x{26}\x{5B}\x{A}]",
                "",
            ),
            ("[[:^digit:][:]", Flags::default(), r"[[^0-9]\x{5B}\x{3A}]", ""),
            (r"[\x{D800}]", Flags::default(), NOTHING, ""),
            (r"[^\x{D800}-\x{DFFF}]", Flags::default(), EVERYTHING, ""),
            (
                r"[\x{D000}-\x{E001}]",
                Flags::default(),
                r"[\x{D000}-\x{D7FF}\x{E000}-\x{E001}]",
                "",
            ),
            (
                r"[\pL\P{^Greek}]",
                Flags::default(),
                r"[\p{gc=L}\p{sc=Greek}]",
                "",
            ),
        ] {
            assert_eq!(parse(text, flags).unwrap(), (wanted.to_owned(), rest), "{text}");
        }
    }
}

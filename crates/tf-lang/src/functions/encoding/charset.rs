//! Character encodings by the names that IANA has registered for them
//! (<https://www.iana.org/assignments/character-sets>): those that Terraform 1.11 supports.

use super::charset_tables as tables;
use super::multibyte::Multibyte;

/// How an encoding works.
#[derive(Clone, Copy)]
enum Codec {
    Ascii,
    Utf8,
    Utf16 {
        big: bool,
        mark: bool,
    },
    /// What bytes stand for, from 0x80 or all of them.
    Table(&'static str),
    Multibyte(Multibyte),
}

/// An encoding.
pub(super) struct Charset {
    /// The name that IANA prefers.
    pub(super) name: &'static str,
    /// Other names in lower case, between spaces.
    aliases: &'static str,
    codec: Codec,
}

const fn table(name: &'static str, aliases: &'static str, table: &'static &'static str) -> Charset {
    Charset {
        name,
        aliases,
        codec: Codec::Table(table),
    }
}

const fn other(name: &'static str, aliases: &'static str, codec: Codec) -> Charset {
    Charset { name, aliases, codec }
}

#[rustfmt::skip]
static CHARSETS: &[Charset] = &[
    other("US-ASCII", "iso-ir-6 ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us us ibm367 cp367 csascii", Codec::Ascii),
    other("UTF-8", "csutf8", Codec::Utf8),
    other("UTF-16", "csutf16", Codec::Utf16 { big: true, mark: true }),
    other("UTF-16BE", "csutf16be", Codec::Utf16 { big: true, mark: false }),
    other("UTF-16LE", "csutf16le", Codec::Utf16 { big: false, mark: false }),
    table("IBM037", "cp037 ebcdic-cp-us ebcdic-cp-ca ebcdic-cp-wt ebcdic-cp-nl csibm037", &tables::IBM037),
    table("IBM437", "cp437 437 cspc8codepage437", &tables::IBM437),
    table("IBM850", "cp850 850 cspc850multilingual", &tables::IBM850),
    table("IBM852", "cp852 852 cspcp852", &tables::IBM852),
    table("IBM855", "cp855 855 csibm855", &tables::IBM855),
    table("IBM00858", "ccsid00858 cp00858 pc-multilingual-850+euro csibm00858", &tables::IBM00858),
    table("IBM860", "cp860 860 csibm860", &tables::IBM860),
    table("IBM862", "cp862 862 cspc862latinhebrew", &tables::IBM862),
    table("IBM863", "cp863 863 csibm863", &tables::IBM863),
    table("IBM865", "cp865 865 csibm865", &tables::IBM865),
    table("IBM866", "cp866 866 csibm866", &tables::IBM866),
    table("IBM1047", "ibm-1047 csibm1047", &tables::IBM1047),
    table("IBM01140", "ccsid01140 cp01140 ebcdic-us-37+euro csibm01140", &tables::IBM01140),
    table("ISO_8859-1:1987", "iso-ir-100 iso_8859-1 iso-8859-1 latin1 l1 ibm819 cp819 csisolatin1", &tables::ISO_8859_1),
    table("ISO_8859-2:1987", "iso-ir-101 iso_8859-2 iso-8859-2 latin2 l2 csisolatin2", &tables::ISO_8859_2),
    table("ISO_8859-3:1988", "iso-ir-109 iso_8859-3 iso-8859-3 latin3 l3 csisolatin3", &tables::ISO_8859_3),
    table("ISO_8859-4:1988", "iso-ir-110 iso_8859-4 iso-8859-4 latin4 l4 csisolatin4", &tables::ISO_8859_4),
    table("ISO_8859-5:1988", "iso-ir-144 iso_8859-5 iso-8859-5 cyrillic csisolatincyrillic", &tables::ISO_8859_5),
    table("ISO_8859-6:1987", "iso-ir-127 iso_8859-6 iso-8859-6 ecma-114 asmo-708 arabic csisolatinarabic", &tables::ISO_8859_6),
    table("ISO_8859-6-E", "csiso88596e iso-8859-6-e", &tables::ISO_8859_6),
    table("ISO_8859-6-I", "csiso88596i iso-8859-6-i", &tables::ISO_8859_6),
    table("ISO_8859-7:1987", "iso-ir-126 iso_8859-7 iso-8859-7 elot_928 ecma-118 greek greek8 csisolatingreek", &tables::ISO_8859_7),
    table("ISO_8859-8:1988", "iso-ir-138 iso_8859-8 iso-8859-8 hebrew csisolatinhebrew", &tables::ISO_8859_8),
    table("ISO_8859-8-E", "csiso88598e iso-8859-8-e", &tables::ISO_8859_8),
    table("ISO_8859-8-I", "csiso88598i iso-8859-8-i", &tables::ISO_8859_8),
    table("ISO_8859-9:1989", "iso-ir-148 iso_8859-9 iso-8859-9 latin5 l5 csisolatin5", &tables::ISO_8859_9),
    table("ISO-8859-10", "iso-ir-157 l6 iso_8859-10:1992 csisolatin6 latin6", &tables::ISO_8859_10),
    table("ISO-8859-13", "csiso885913", &tables::ISO_8859_13),
    table("ISO-8859-14", "iso-ir-199 iso_8859-14:1998 iso_8859-14 latin8 iso-celtic l8 csiso885914", &tables::ISO_8859_14),
    table("ISO-8859-15", "iso_8859-15 latin-9 csiso885915", &tables::ISO_8859_15),
    table("ISO-8859-16", "iso-ir-226 iso_8859-16:2001 iso_8859-16 latin10 l10 csiso885916", &tables::ISO_8859_16),
    table("KOI8-R", "cskoi8r", &tables::KOI8_R),
    table("KOI8-U", "cskoi8u", &tables::KOI8_U),
    table("macintosh", "mac csmacintosh", &tables::MACINTOSH),
    table("windows-874", "cswindows874", &tables::WINDOWS_874),
    table("windows-1250", "cswindows1250", &tables::WINDOWS_1250),
    table("windows-1251", "cswindows1251", &tables::WINDOWS_1251),
    table("windows-1252", "cswindows1252", &tables::WINDOWS_1252),
    table("windows-1253", "cswindows1253", &tables::WINDOWS_1253),
    table("windows-1254", "cswindows1254", &tables::WINDOWS_1254),
    table("windows-1255", "cswindows1255", &tables::WINDOWS_1255),
    table("windows-1256", "cswindows1256", &tables::WINDOWS_1256),
    table("windows-1257", "cswindows1257", &tables::WINDOWS_1257),
    table("windows-1258", "cswindows1258", &tables::WINDOWS_1258),
    other("Extended_UNIX_Code_Packed_Format_for_Japanese", "cseucpkdfmtjapanese euc-jp", Codec::Multibyte(Multibyte::EucJp)),
    other("ISO-2022-JP", "csiso2022jp", Codec::Multibyte(Multibyte::Iso2022Jp)),
    other("Shift_JIS", "ms_kanji csshiftjis", Codec::Multibyte(Multibyte::ShiftJis)),
    other("EUC-KR", "cseuckr", Codec::Multibyte(Multibyte::EucKr)),
    other("GB18030", "csgb18030", Codec::Multibyte(Multibyte::Gb18030)),
    other("GBK", "cp936 ms936 windows-936 csgbk", Codec::Multibyte(Multibyte::Gbk)),
    other("HZ-GB-2312", "", Codec::Multibyte(Multibyte::Hz)),
    other("Big5", "csbig5", Codec::Multibyte(Multibyte::Big5)),
];

/// The encoding of a name in any case.
pub(super) fn find(name: &str) -> Option<&'static Charset> {
    let name = name.trim().to_lowercase();
    let has = |charset: &&Charset| {
        charset.name.eq_ignore_ascii_case(&name) || charset.aliases.split(' ').any(|alias| alias == name)
    };
    CHARSETS.iter().filter(|_| !name.is_empty()).find(has)
}

impl Charset {
    /// The bytes of a text; `None` if it has characters that the encoding lacks.
    pub(super) fn encode(&self, text: &str) -> Option<Vec<u8>> {
        match self.codec {
            Codec::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Codec::Utf8 => Some(text.as_bytes().to_vec()),
            Codec::Utf16 { big, mark } => {
                let mark = mark.then_some(0xfeff_u16);
                let units = mark.into_iter().chain(text.encode_utf16());
                Some(
                    units
                        .flat_map(|unit| {
                            if big {
                                unit.to_be_bytes()
                            } else {
                                unit.to_le_bytes()
                            }
                        })
                        .collect(),
                )
            }
            Codec::Table(table) => encode_table(table, text),
            Codec::Multibyte(encoding) => encoding.encode(text),
        }
    }

    /// The text of bytes; `None` if some mean nothing.
    pub(super) fn decode(&self, bytes: &[u8]) -> Option<String> {
        let text = match self.codec {
            Codec::Ascii => bytes
                .is_ascii()
                .then(|| String::from_utf8_lossy(bytes).into_owned())?,
            Codec::Utf8 => std::str::from_utf8(bytes).ok()?.to_owned(),
            Codec::Utf16 { big, mark } => decode_utf16(bytes, big, mark)?,
            Codec::Table(table) => decode_table(table, bytes)?,
            Codec::Multibyte(encoding) => encoding.decode(bytes)?,
        };
        // Terraform takes the character for a sign of failure wherever it comes from.
        (!text.contains(char::REPLACEMENT_CHARACTER)).then_some(text)
    }
}

fn decode_utf16(bytes: &[u8], big: bool, mark: bool) -> Option<String> {
    let (bytes, big) = match bytes {
        [0xfe, 0xff, rest @ ..] if mark => (rest, true),
        [0xff, 0xfe, rest @ ..] if mark => (rest, false),
        _ => (bytes, big),
    };
    let pairs = bytes.chunks(2).map(|pair| match pair {
        [first, second] if big => Some(u16::from_be_bytes([*first, *second])),
        [first, second] => Some(u16::from_le_bytes([*first, *second])),
        _ => None,
    });
    String::from_utf16(&pairs.collect::<Option<Vec<u16>>>()?).ok()
}

/// The byte of the first character of a table.
fn table_start(table: &str) -> u8 {
    if table.chars().nth(128).is_some() { 0 } else { 0x80 }
}

fn encode_table(table: &str, text: &str) -> Option<Vec<u8>> {
    let start = table_start(table);
    let bytes: std::collections::HashMap<char, u8> = table.chars().zip(start..=0xff).collect();
    let byte = |letter: char| match letter {
        char::REPLACEMENT_CHARACTER => None,
        ascii if ascii.is_ascii() && start > 0 => Some(ascii as u8),
        other => bytes.get(&other).copied(),
    };
    text.chars().map(byte).collect()
}

fn decode_table(table: &str, bytes: &[u8]) -> Option<String> {
    let start = table_start(table);
    let letters: Vec<char> = table.chars().collect();
    let letter = |byte: &u8| match byte.checked_sub(start) {
        Some(index) => letters.get(usize::from(index)).copied(),
        None => Some(char::from(*byte)),
    };
    bytes.iter().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_complete() {
        for charset in CHARSETS {
            if let Codec::Table(table) = charset.codec {
                assert!(matches!(table.chars().count(), 128 | 256), "{}", charset.name);
            }
            assert_eq!(find(charset.name).map(|found| found.name), Some(charset.name));
        }
    }

    #[test]
    fn there_and_back() {
        for (name, text, bytes) in [
            ("utf-16", "é", &[0xfe, 0xff, 0, 0xe9][..]),
            ("UTF-16LE", "é", &[0xe9, 0]),
            ("Latin1", "é", &[0xe9]),
            ("cp437", "é", &[0x82]),
            ("ebcdic-cp-us", "A1 ", &[0xc1, 0xf1, 0x40]),
            ("Shift_JIS", "日本", &[0x93, 0xfa, 0x96, 0x7b]),
            ("HZ-GB-2312", "a日本~", b"a~{HU1>~~"),
        ] {
            let charset = find(name).unwrap();
            assert_eq!(charset.encode(text).as_deref(), Some(bytes), "{name}");
            assert_eq!(charset.decode(bytes).as_deref(), Some(text), "{name}");
        }
        assert!(find("utf-7").is_none());
        assert!(find("").is_none());
        assert_eq!(find("latin1").unwrap().encode("€"), None);
        assert_eq!(find("windows-1252").unwrap().decode(&[0x81]), None);
        assert_eq!(find("utf-16le").unwrap().decode(&[0x81]), None);
    }
}

//! The secret that requests carry.

use crate::Error;

/// A token. Nothing shows it: not its debug output, and no error.
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// A token as a variable holds it; a line's end behind it is left out.
    ///
    /// # Errors
    /// Where it is empty or holds what no token holds.
    pub fn new(text: &str) -> Result<Token, Error> {
        let text = text.trim();
        match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(Token(text.to_owned())),
            false => Err(Error::Token),
        }
    }

    /// For the one header that carries it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// A text of a server with this token taken out.
    pub(crate) fn scrub(&self, text: &str) -> String {
        text.replace(&self.0, "***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_stand_in_a_header_is_a_token() {
        for (text, good) in [
            ("ghs_abc", true),
            (" ghs_abc\n", true),
            ("", false),
            ("\n", false),
            ("a b", false),
            ("a\r\nHost: b", false),
            ("é", false),
        ] {
            assert_eq!(Token::new(text).is_ok(), good, "{text:?}");
        }
        let token = Token::new("ghs_abc\n").unwrap();
        assert_eq!(format!("{token:?}"), "Token");
        assert_eq!(token.scrub("bad ghs_abc!"), "bad ***!");
    }
}

//! What the next answer does wrong: set by tests and the demo, used once or until changed.

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The next authorisation answers this code.
    Code(String),
    /// The next operation is done and never answered.
    Silence,
    /// The next authorisation is never answered and succeeds 15 minutes later.
    LateSuccess,
    /// The next refund is refused.
    RefundRefused,
    /// The next operation is not done: the connection is cut.
    Cut,
    /// The next holder is sent back from the challenge by POST, as many banks do it.
    PostReturn,
    /// What the next operation came to is told twice.
    DoubleNotification,
    /// What came of the next challenge or authorisation is told before the holder goes back, or
    /// before the answer.
    NotificationFirst,
}

/// How long an ordered fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// It strikes once.
    Once,
    /// It strikes until another is ordered.
    Changed,
}

impl Until {
    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Once, Self::Changed].into_iter().find(|until| until.as_str() == word)
    }

    /// The word in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Changed => "changed",
        }
    }
}

/// Words that name a fault, for refusals and documents.
pub const WORDS: &str = "a bank code such as 51, silence, late_success, refund_refused, cut, post_return, \
     double_notification, notification_before_return, chargeback, accept";
/// Not a fault of an answer: a case is opened at once on the latest sale that was debited.
pub const CHARGEBACK: &str = "chargeback";
/// What a holder's way back from a challenge is called where faults strike.
pub const RETURN: &str = "return";
/// Code of a refund that the bank refuses.
pub const REFUND_REFUSED_CODE: &str = "57";

impl Fault {
    /// Reads a word; `accept` (or code 00) is no fault.
    ///
    /// # Errors
    /// `()` for a word that names nothing.
    pub fn parse(word: &str) -> Result<Option<Self>, NoSuchFault> {
        let is_code =
            word.len() == 2 && word.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        match word {
            "accept" | "00" => Ok(None),
            "silence" => Ok(Some(Self::Silence)),
            "late_success" => Ok(Some(Self::LateSuccess)),
            "refund_refused" => Ok(Some(Self::RefundRefused)),
            "cut" => Ok(Some(Self::Cut)),
            "post_return" => Ok(Some(Self::PostReturn)),
            "double_notification" => Ok(Some(Self::DoubleNotification)),
            "notification_before_return" => Ok(Some(Self::NotificationFirst)),
            code if is_code => Ok(Some(Self::Code(code.to_owned()))),
            _ => Err(NoSuchFault),
        }
    }

    /// The word stored.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Code(code) => code,
            Self::Silence => "silence",
            Self::LateSuccess => "late_success",
            Self::RefundRefused => "refund_refused",
            Self::Cut => "cut",
            Self::PostReturn => "post_return",
            Self::DoubleNotification => "double_notification",
            Self::NotificationFirst => "notification_before_return",
        }
    }

    /// Whether an operation of this kind, or the `return` from a challenge, takes it.
    #[must_use]
    pub fn strikes(&self, kind: &str) -> bool {
        match self {
            Self::Code(_) | Self::LateSuccess => kind == "authorise",
            Self::RefundRefused => kind == "refund",
            Self::PostReturn => kind == RETURN,
            Self::Silence | Self::Cut | Self::DoubleNotification => kind != RETURN,
            Self::NotificationFirst => kind == RETURN || kind == "authorise",
        }
    }
}

/// A word that names no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such fault")]
pub struct NoSuchFault;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        let at_once = ["accept", CHARGEBACK];
        let words = WORDS.split(", ").filter(|word| !word.contains(' ') && !at_once.contains(word));
        for word in words.chain(["51", "1A"]) {
            let fault = Fault::parse(word).unwrap().unwrap();
            assert_eq!(fault.word(), word);
        }
        assert_eq!(Fault::parse("accept"), Ok(None));
        assert_eq!(Fault::parse("refused_remittance"), Err(NoSuchFault));
        assert!(!Fault::RefundRefused.strikes("authorise"));
    }
}

//! Values of a JSON message with the bytes they stand in.
//!
//! Whether the text is JSON is for `serde_json` to say; what it has accepted is walked once more
//! for the places of its values, which no library tells of a text that stays as it is.

use std::borrow::Cow;
use std::ops::Range;

use vault_wire::ProxyFormat;

use super::path::{self, Segment};
use super::visit::{Fate, Fault, Leaf, Manner, Removed, Visit};

const MAX_DEPTH: usize = 32;

/// Shows every value of a message, names of members among them; the bytes that go away are told.
pub(super) fn walk(text: &str, visit: &mut dyn Visit) -> Result<Removed, Fault> {
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map_err(|error| Fault::document(format!("line {}", error.line())))?;
    let mut walker = Walker { text, at: 0, place: Vec::new(), removed: Vec::new(), visit };
    walker.value()?;
    Ok(walker.removed)
}

struct Walker<'t, 'v> {
    text: &'t str,
    at: usize,
    place: Vec<Segment>,
    removed: Removed,
    visit: &'v mut dyn Visit,
}

/// A member of an object: where it begins and ends, and what becomes of it.
type Member = (Range<usize>, Fate);

impl<'t> Walker<'t, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.step();
        }
    }

    /// Whether the next thing is this byte, which is passed then.
    fn pass(&mut self, wanted: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(wanted);
        if found {
            self.step();
        }
        found
    }

    fn value(&mut self) -> Result<Fate, Fault> {
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object().map(|()| Fate::Stays),
            Some(b'[') => self.list().map(|()| Fate::Stays),
            Some(b'"') => {
                let (span, text) = self.string()?;
                self.show(span, text, Manner::Json)
            }
            _ => {
                let from = self.at;
                while self.peek().is_some_and(|b| !b",]} \t\r\n".contains(&b)) {
                    self.step();
                }
                let text = self.text.get(from..self.at).unwrap_or_default();
                // `null` says nothing; its bytes stay.
                let text = if text == "null" { "" } else { text };
                self.show(from..self.at, Cow::Borrowed(text), Manner::Json)
            }
        }
    }

    fn show(
        &mut self,
        span: Range<usize>,
        text: Cow<'t, str>,
        manner: Manner,
    ) -> Result<Fate, Fault> {
        self.visit.leaf(&self.place, Leaf { span, text, manner })
    }

    fn deeper(&mut self, segment: Segment) -> Result<(), Fault> {
        if self.place.len() >= MAX_DEPTH {
            return Err(Fault::document("nested too deep".into()));
        }
        self.place.push(segment);
        Ok(())
    }

    fn list(&mut self) -> Result<(), Fault> {
        self.step();
        let mut index = 0_usize;
        while !self.pass(b']') {
            self.pass(b',');
            self.deeper(Segment::Index(index))?;
            self.value()?;
            self.place.pop();
            index = index.saturating_add(1);
        }
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
        self.step();
        let mut members: Vec<Member> = Vec::new();
        while !self.pass(b'}') {
            self.pass(b',');
            self.blanks();
            let (span, name) = self.string()?;
            let from = span.start;
            if path::is_long(&name) {
                return Err(Fault::document(path::text(&self.place, ProxyFormat::Json)));
            }
            self.show(span, name.clone(), Manner::Fixed)?;
            self.deeper(Segment::Name(name.into_owned(), 0))?;
            self.pass(b':');
            let fate = self.value()?;
            self.place.pop();
            members.push((from..self.at, fate));
        }
        self.take_out(&members);
        Ok(())
    }

    /// The bytes of members that go, each with the one comma that goes with it.
    fn take_out(&mut self, members: &[Member]) {
        let mut kept_before: Option<usize> = None;
        for (index, (span, fate)) in members.iter().enumerate() {
            if *fate == Fate::Stays {
                kept_before = Some(span.end);
                continue;
            }
            let before = index.checked_sub(1).and_then(|at| members.get(at));
            let after = members.get(index.saturating_add(1));
            self.removed.push(match (kept_before, before, after) {
                (Some(_), Some((before, _)), _) => before.end..span.end,
                (None, _, Some((after, _))) => span.start..after.start,
                _ => span.clone(),
            });
        }
    }

    /// A string with its quotes, and what it says.
    fn string(&mut self) -> Result<(Range<usize>, Cow<'t, str>), Fault> {
        let from = self.at;
        self.step();
        let mut escaped = false;
        while let Some(byte) = self.peek() {
            self.step();
            match byte {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.step();
                }
                _ => {}
            }
        }
        let span = from..self.at;
        let quoted = self.text.get(span.clone()).unwrap_or_default();
        if escaped {
            let said = serde_json::from_str::<String>(quoted);
            let said = said.map_err(|_| Fault::document("a string is broken".into()))?;
            return Ok((span, Cow::Owned(said)));
        }
        let said = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Ok((span, Cow::Borrowed(said.unwrap_or_default())))
    }
}

//! Values of an XML message with the bytes they stand in: text of elements, attributes, and what
//! could hide a number besides (names, comments, instructions).
//!
//! `quick-xml` reads the text and tells where it stands. A document type is refused, and with it
//! every entity but the five of XML 1.0 (section 4.6).

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use super::path::{Segment, is_long};
use super::visit::{Fate, Fault, Leaf, Manner, Removed, Visit};

const MAX_DEPTH: usize = 64;
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Shows every value of a message; the bytes that go away are told.
pub(super) fn walk(text: &str, visit: &mut dyn Visit) -> Result<Removed, Fault> {
    let bare = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut walker = Walker {
        text: bare,
        base: text.len().saturating_sub(bare.len()),
        place: Vec::new(),
        open: vec![Open::default()],
        removed: Vec::new(),
        visit,
    };
    let mut reader = Reader::from_str(bare);
    loop {
        let from = position(&reader);
        let event = reader.read_event();
        let event = event.map_err(|_| Fault::document(format!("byte {from}")))?;
        let span = from..position(&reader);
        if matches!(event, Event::Eof) {
            break;
        }
        walker.event(event, span)?;
    }
    let root = walker.open.pop().unwrap_or_default();
    let single = walker.open.is_empty() && root.children.values().sum::<usize>() == 1;
    if !single || !root.text.trim().is_empty() {
        return Err(Fault::document("not one element".into()));
    }
    Ok(walker.removed)
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// An element whose end was not read yet; the lowest one is the document.
#[derive(Default)]
struct Open {
    /// Where its tag begins.
    from: usize,
    /// Where its content begins.
    inside: usize,
    /// How many children of each name it has so far.
    children: HashMap<String, usize>,
    /// Its text since the last child.
    text: String,
    /// Where that begins.
    text_from: usize,
}

struct Walker<'t, 'v> {
    text: &'t str,
    base: usize,
    place: Vec<Segment>,
    open: Vec<Open>,
    removed: Removed,
    visit: &'v mut dyn Visit,
}

impl Walker<'_, '_> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Fault> {
        match event {
            Event::Start(tag) => self.start(&tag, &span),
            Event::Empty(tag) => {
                self.start(&tag, &span)?;
                self.end(&span, Manner::Empty)
            }
            Event::End(_) => self.end(&span, Manner::XmlText),
            Event::Text(text) => self.add(&text.into_inner(), &span),
            Event::CData(text) => self.add(&text.into_inner(), &span),
            Event::GeneralRef(name) => {
                let told = match name.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    _ => {
                        let name = name.into_inner();
                        let known = resolve_predefined_entity(&name).map(str::to_owned);
                        known.ok_or_else(|| self.fault())?
                    }
                };
                self.add(&told, &span)
            }
            Event::Comment(text) => self.aside(&text.into_inner()),
            Event::PI(text) => self.aside(&text.into_inner()),
            Event::Decl(decl) => {
                let encoding = decl.encoding().transpose().map_err(|_| self.fault())?;
                let utf8 = encoding.is_none_or(|name| name.eq_ignore_ascii_case("utf-8"));
                if utf8 { Ok(()) } else { Err(self.fault()) }
            }
            Event::DocType(_) => Err(Fault::document("a document type is refused".into())),
            Event::Eof => Ok(()),
        }
    }

    fn fault(&self) -> Fault {
        Fault::document(super::path::text(&self.place, vault_wire::ProxyFormat::Xml))
    }

    fn show(&mut self, span: Range<usize>, text: &str, manner: Manner) -> Result<Fate, Fault> {
        let span = span.start.saturating_add(self.base)..span.end.saturating_add(self.base);
        self.visit.leaf(&self.place, Leaf { span, text: Cow::Borrowed(text), manner })
    }

    fn gone(&mut self, from: usize, to: usize) {
        let span = from.saturating_add(self.base)..to.saturating_add(self.base);
        self.removed.push(span);
    }

    /// What is no value and must hide none.
    fn aside(&mut self, text: &str) -> Result<(), Fault> {
        self.show(0..0, text, Manner::Fixed).map(|_| ())
    }

    fn name(&mut self, name: &str) -> Result<(), Fault> {
        if is_long(name) { Err(self.fault()) } else { self.aside(name) }
    }

    fn add(&mut self, text: &str, span: &Range<usize>) -> Result<(), Fault> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if open.text.is_empty() {
            open.text_from = span.start;
        }
        open.text.push_str(text);
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>, span: &Range<usize>) -> Result<(), Fault> {
        self.mixed(span.start)?;
        if self.open.len() > MAX_DEPTH {
            return Err(self.fault());
        }
        let name = tag.local_name();
        let name: &str = name.as_ref();
        self.name(name)?;
        let ordinal = self.open.last_mut().map_or(0, |parent| {
            let count = parent.children.entry(name.to_owned()).or_default();
            *count = count.saturating_add(1);
            *count
        });
        self.place.push(Segment::Name(name.to_owned(), ordinal));
        self.attributes(tag)?;
        let open = Open { from: span.start, inside: span.end, ..Open::default() };
        self.open.push(open);
        Ok(())
    }

    fn attributes(&mut self, tag: &BytesStart<'_>) -> Result<(), Fault> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| self.fault())?;
            let Cow::Borrowed(raw) = attribute.value else { return Err(self.fault()) };
            let key = attribute.key;
            let from = self.offset(key.as_ref());
            let value = self.offset(raw);
            let end = value.saturating_add(raw.len());
            let name = key.local_name();
            let name: &str = name.as_ref();
            self.name(name)?;
            let text = unescape(raw).map_err(|_| self.fault())?;
            self.place.push(Segment::Attribute(name.to_owned()));
            let fate = self.show(value..end, &text, Manner::XmlAttribute)?;
            self.place.pop();
            if fate == Fate::Goes {
                let lead = self.text.get(..from).unwrap_or_default();
                self.gone(lead.trim_end().len(), end.saturating_add(1));
            }
        }
        Ok(())
    }

    /// Where a piece of the text begins.
    fn offset(&self, piece: &str) -> usize {
        piece.as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }

    /// Text between children.
    fn mixed(&mut self, to: usize) -> Result<(), Fault> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let (text, from) = (std::mem::take(&mut open.text), open.text_from);
        if text.trim().is_empty() {
            return Ok(());
        }
        self.show(from..to, &text, Manner::XmlMixed).map(|_| ())
    }

    fn end(&mut self, span: &Range<usize>, manner: Manner) -> Result<(), Fault> {
        let Some(open) = self.open.last_mut() else { return Err(self.fault()) };
        if !open.children.is_empty() {
            self.mixed(span.start)?;
            self.open.pop();
            self.place.pop();
            return Ok(());
        }
        let (from, inside) = (open.from, open.inside);
        let text = std::mem::take(&mut open.text);
        let content = if manner == Manner::Empty { inside..inside } else { inside..span.start };
        let fate = self.show(content, &text, manner)?;
        if fate == Fate::Goes {
            self.gone(from, span.end);
        }
        self.open.pop();
        self.place.pop();
        Ok(())
    }
}

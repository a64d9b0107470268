//! Where a field stands in a message.
//!
//! JSON: `$ .name [n] [*] ..name` (a part of RFC 9535). XML: `/a/b/@c`, `//name`, by local name (a
//! part of XPath 1.0). Forms: the field's name.

use vault_wire::ProxyFormat;

const MAX_CHARACTERS: usize = 200;
const MAX_STEPS: usize = 16;
/// Each `..` multiplies the places to look at.
const MAX_DOWNS: usize = 2;

/// One part of the place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A member, an element (and which one of its parent's children), or a field of a form.
    Name(String, usize),
    /// An element of a list.
    Index(usize),
    /// An attribute.
    Attribute(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    AnyIndex,
    Attribute(String),
    /// Any number of segments.
    Down,
}

/// A path of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

/// How a path fits a place: after how many segments each of its steps is done.
pub(crate) type Fit = Vec<usize>;

impl Path {
    /// Reads a path as its format writes it.
    pub(crate) fn parse(text: &str, format: ProxyFormat) -> Option<Self> {
        if text.is_empty() || text.chars().count() > MAX_CHARACTERS {
            return None;
        }
        let steps = match format {
            ProxyFormat::Json => json_steps(text.strip_prefix('$')?)?,
            ProxyFormat::Xml => xml_steps(text)?,
            ProxyFormat::Form => vec![Step::Name(text.to_owned())],
        };
        let downs = steps.iter().filter(|step| **step == Step::Down).count();
        let named = steps.last().is_some_and(|step| *step != Step::Down);
        (named && steps.len() <= MAX_STEPS && downs <= MAX_DOWNS).then_some(Self(steps))
    }

    /// How it fits a place, if it does; of several ways the one that goes deepest.
    pub(crate) fn fits(&self, place: &[Segment]) -> Option<Fit> {
        let (last, segment) = (self.0.last()?, place.last()?);
        if !last.takes(segment) {
            return None;
        }
        let mut fit = Vec::with_capacity(self.0.len());
        fit_from(&self.0, place, 0, &mut fit).then_some(fit)
    }

    /// Whether it fits something that the place is inside of.
    pub(crate) fn fits_above(&self, place: &[Segment]) -> bool {
        (1..place.len()).any(|depth| place.get(..depth).is_some_and(|up| self.fits(up).is_some()))
    }

    /// How many steps two paths begin with alike.
    pub(crate) fn shared(&self, other: &Self) -> usize {
        self.0.iter().zip(&other.0).take_while(|(one, other)| one == other).count()
    }

    /// How many steps two paths begin with alike before either goes down freely.
    pub(crate) fn shared_exactly(&self, other: &Self) -> usize {
        let down = |path: &Self| path.0.iter().position(|step| *step == Step::Down);
        let free = [down(self), down(other)].into_iter().flatten().min();
        self.shared(other).min(free.unwrap_or(usize::MAX))
    }

    /// Whether the last step is an element of a list, which leaves a hole when it is taken out.
    pub(crate) fn ends_in_list(&self) -> bool {
        matches!(self.0.last(), Some(Step::Index(_) | Step::AnyIndex))
    }
}

impl Step {
    fn takes(&self, segment: &Segment) -> bool {
        match (self, segment) {
            (Self::Name(wanted), Segment::Name(name, _))
            | (Self::Attribute(wanted), Segment::Attribute(name)) => wanted == name,
            (Self::Index(wanted), Segment::Index(at)) => wanted == at,
            (Self::AnyIndex, Segment::Index(_)) => true,
            _ => false,
        }
    }
}

fn fit_from(steps: &[Step], place: &[Segment], at: usize, fit: &mut Fit) -> bool {
    let Some((step, rest)) = steps.split_first() else { return at == place.len() };
    let depths = if *step == Step::Down {
        at..=place.len()
    } else {
        let taken = place.get(at).is_some_and(|segment| step.takes(segment));
        let next = at.saturating_add(1);
        if !taken {
            return false;
        }
        next..=next
    };
    for depth in depths.rev() {
        fit.push(depth);
        if fit_from(rest, place, depth, fit) {
            return true;
        }
        fit.pop();
    }
    false
}

fn json_steps(mut text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !text.is_empty() {
        if let Some(rest) = text.strip_prefix('[') {
            let (inner, after) = rest.split_once(']')?;
            steps.push(match inner {
                "*" => Step::AnyIndex,
                number => Step::Index(number.parse().ok()?),
            });
            text = after;
            continue;
        }
        let rest = text.strip_prefix('.')?;
        let rest = rest.strip_prefix('.').map_or(rest, |deeper| {
            steps.push(Step::Down);
            deeper
        });
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        steps.push(named(name)?);
        text = after;
    }
    Some(steps)
}

fn xml_steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut parts = text.strip_prefix('/')?.split('/').peekable();
    while let Some(part) = parts.next() {
        if part.is_empty() {
            steps.push(Step::Down);
        } else if let Some(name) = part.strip_prefix('@') {
            let Step::Name(name) = named(name)? else { return None };
            if parts.peek().is_some() {
                return None;
            }
            steps.push(Step::Attribute(name));
        } else {
            steps.push(named(part)?);
        }
    }
    Some(steps)
}

fn named(name: &str) -> Option<Step> {
    let fine = |c: char| !c.is_control() && !c.is_whitespace() && !"[]()*@'\"/$?:,".contains(c);
    (!name.is_empty() && name.chars().all(fine)).then(|| Step::Name(name.to_owned()))
}

/// Whether a name of a message is longer than any that a path could name.
pub(super) fn is_long(name: &str) -> bool {
    name.chars().nth(MAX_CHARACTERS).is_some()
}

/// A place as people read it, in the manner of its format.
pub(crate) fn text(place: &[Segment], format: ProxyFormat) -> String {
    let mut text = String::from(if format == ProxyFormat::Json { "$" } else { "" });
    for segment in place {
        match (segment, format) {
            (Segment::Name(name, _), ProxyFormat::Json) => text.push_str(&format!(".{name}")),
            (Segment::Name(name, _), ProxyFormat::Xml) => text.push_str(&format!("/{name}")),
            (Segment::Name(name, _), ProxyFormat::Form) => text.push_str(name),
            (Segment::Index(at), _) => text.push_str(&format!("[{at}]")),
            (Segment::Attribute(name), _) => text.push_str(&format!("/@{name}")),
        }
    }
    // A name may itself be a number.
    kernel::card_text::mask(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Segment {
        Segment::Name(text.into(), 0)
    }

    #[test]
    fn v_103_paths_of_both_subsets_are_read_and_nothing_else() {
        for text in ["$.a", "$.res[*].cc.number", "$[0]", "$..number", "$.a..b[2]", "$[*][*]"] {
            assert!(Path::parse(text, ProxyFormat::Json).is_some(), "{text}");
        }
        for text in ["", "a", "$", "$.", "$..", "$[x]", "$[", "$.a[", "$.*", "$['a']", "$.a b"] {
            assert!(Path::parse(text, ProxyFormat::Json).is_none(), "{text}");
        }
        for text in ["/a/b/@c", "//name", "/a//b", "//PaymentCard/@CardNumber"] {
            assert!(Path::parse(text, ProxyFormat::Xml).is_some(), "{text}");
        }
        for text in ["a", "/", "//", "/@a/b", "/a[1]", "/ns:a", "/a/*", "/a/"] {
            assert!(Path::parse(text, ProxyFormat::Xml).is_none(), "{text}");
        }
        assert!(Path::parse("$..a..b..c", ProxyFormat::Json).is_none(), "three ways down");
    }

    #[test]
    fn v_103_a_path_fits_its_places_and_says_where_each_step_ends() {
        let path = |text| Path::parse(text, ProxyFormat::Json).unwrap();
        let place = [name("res"), Segment::Index(3), name("cc"), name("number")];
        assert_eq!(path("$.res[*].cc.number").fits(&place), Some(vec![1, 2, 3, 4]));
        assert_eq!(path("$..number").fits(&place), Some(vec![3, 4]));
        assert_eq!(path("$.res[2].cc.number").fits(&place), None);
        assert_eq!(path("$.res[*].cc").fits(&place), None);
        assert!(path("$.res[*].cc").fits_above(&place));
        assert!(!path("$..number").fits_above(&place));
        let deep = [name("cc"), name("cc"), name("x")];
        assert_eq!(path("$..cc.x").fits(&deep), Some(vec![1, 2, 3]), "the deepest way");
        assert_eq!(path("$.res[*].cc.number").shared(&path("$.res[*].id")), 2);
        assert_eq!(path("$..cc.number").shared_exactly(&path("$..cc.exp")), 0);
        assert_eq!(text(&place, ProxyFormat::Json), "$.res[3].cc.number");
    }
}

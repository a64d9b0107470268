//! What every page must have, whoever asks and whatever it answers: one heading that begins the
//! title, and at most one button that stands out.

use super::knock::Heard;

/// What is wrong with the frame of an answer; nothing when it is no page.
pub(super) fn faults(heard: &Heard) -> Vec<String> {
    let is_page = heard.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    if !is_page {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let headings = all(&heard.text, "h1");
    let titles = all(&heard.text, "title");
    if let ([heading], [title]) = (&headings[..], &titles[..]) {
        let refused = ["Erreur : ", "Error: "];
        let title = refused.iter().find_map(|word| title.strip_prefix(word)).unwrap_or(title);
        if heading.is_empty() || !title.starts_with(heading.as_str()) {
            faults.push(format!("the title {title:?} does not begin with {heading:?}"));
        }
    } else {
        faults.push(format!("titles {titles:?}, headings {headings:?}"));
    }
    let primary = heard.text.split('<').filter(|tag| is_primary(tag)).count();
    if primary > 1 {
        faults.push(format!("{primary} buttons stand out"));
    }
    faults
}

/// The texts of all elements of a name, blanks of any kind alike.
fn all(html: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let starts = html.match_indices(&open).map(|(at, _)| &html[at + open.len()..]);
    let inner = starts.filter(|rest| rest.starts_with(['>', ' '])).filter_map(|rest| {
        let rest = &rest[rest.find('>')? + 1..];
        Some(&rest[..rest.find(&close)?])
    });
    inner.map(|html| text(html).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn text(html: &str) -> String {
    let mut parts = html.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += part.split_once('>').map_or("", |(_, after)| after);
    }
    text
}

fn is_primary(tag: &str) -> bool {
    let Some((_, after)) = tag.split_once("class=\"") else { return false };
    let classes = after.split('"').next().unwrap_or_default();
    let button = tag.starts_with("button") || tag.starts_with("a ");
    button && classes.split(' ').any(|class| class == "primary")
}

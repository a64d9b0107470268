//! The query of a request of a program, read strictly: what is not known or said twice is
//! named, so that a typing error cannot widen a list.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kernel::Problem;

use crate::address::decoded;

/// The parameters of an address as they came.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    /// Reads the part of an address after its question mark.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// The values by name, when all names are known and each is given once.
    ///
    /// # Errors
    /// 422 naming every other parameter, with the nearest name that is known.
    pub fn read(self, known: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
        let mut read = BTreeMap::new();
        let mut problem: Option<Problem> = None;
        for (name, value) in self.0 {
            let cure = if !known.contains(&name.as_str()) {
                unknown(&name, known)
            } else if read.insert(name.clone(), value).is_some() {
                "Give this parameter once.".to_owned()
            } else {
                continue;
            };
            let path = format!("$.{}", kernel::card_text::mask(&name));
            let fault = kernel::FieldError::new(path, "invalid_field", cure.clone());
            let refused = problem.take();
            let refused = refused.unwrap_or_else(|| Problem::new(422, "invalid_field", cure));
            problem = Some(refused.with_error(fault));
        }
        problem.map_or(Ok(read), Err)
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(near) => format!("Unknown parameter; did you mean {near}?"),
        None => format!("Unknown parameter; give some of: {}.", known.join(", ")),
    }
}

/// The known name that differs least, if it is near enough to be a typing error.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let nearest = known.iter().map(|k| (distance(name, k), *k)).min()?;
    let near_enough = nearest.0 <= 1 + name.chars().count() / 3;
    near_enough.then_some(nearest.1)
}

/// Edits (insert, delete, replace) between two names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i.saturating_add(1)];
        for (j, y) in b.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let replaced = get(&row, j).saturating_add(usize::from(x != *y));
            let edited = get(&next, j).min(get(&row, j.saturating_add(1))).saturating_add(1);
            next.push(replaced.min(edited));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_104_a_parameter_that_is_not_known_or_said_twice_is_named_with_its_cure() {
        let known = ["status", "limit"];
        let read = Query::parse("status=paid&limit=10").read(&known).unwrap();
        assert_eq!(read["status"], "paid");
        let problem = Query::parse("statsu=a&limit=1&limit=2").read(&known).unwrap_err();
        let faults: Vec<&str> = problem.errors.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!((problem.status, faults), (422, vec!["$.statsu", "$.limit"]));
        assert!(problem.errors[0].message.contains("status"), "{:?}", problem.errors);
    }
}

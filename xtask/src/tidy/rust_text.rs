//! Takes a Rust file apart without parsing it: code without words, the words, and test regions.
//!
//! A small lexer is enough for the rules: it knows comments (nested), strings (raw, byte),
//! character literals and lifetimes. Positions are kept, so a line number in one view is the line
//! number in all.

/// A string literal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// Line of its first character, from 1.
    pub(crate) line: usize,
    /// What stands between the quotes, as written.
    pub(crate) text: String,
}

/// A function: where it stands and how it begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// Line of `fn`, from 1.
    pub(crate) line: usize,
    /// Lines from `fn` to the closing brace.
    pub(crate) lines: usize,
    /// Between the parentheses.
    pub(crate) arguments: String,
}

/// The views of one file.
pub(crate) struct Source {
    /// Lines with comments and contents of literals blanked.
    pub(crate) code: Vec<String>,
    /// String literals, in order.
    pub(crate) literals: Vec<Literal>,
    /// Functions, in order.
    pub(crate) functions: Vec<Function>,
    /// For each line, whether it is test code.
    tests: Vec<bool>,
}

impl Source {
    /// Takes a text apart.
    pub(crate) fn read(text: &str) -> Self {
        let mut lexer = Lexer::new(text);
        lexer.run();
        let code: Vec<String> = lexer.code.split('\n').map(str::to_owned).collect();
        let tests = test_lines(&code);
        let functions = functions(&lexer.code);
        Self { code, literals: lexer.literals, functions, tests }
    }

    /// Whether a line (from 1) is test code.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        line.checked_sub(1).and_then(|at| self.tests.get(at)).copied().unwrap_or(false)
    }

    /// Lines that are not test code.
    pub(crate) fn own_lines(&self) -> usize {
        self.tests.iter().filter(|test| !**test).count()
    }

    /// Code lines outside tests, numbered from 1.
    pub(crate) fn own_code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.code.iter().enumerate().map(|(at, line)| (at + 1, line.as_str()));
        numbered.filter(|(line, _)| !self.is_test(*line))
    }
}

struct Lexer {
    input: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    literals: Vec<Literal>,
}

impl Lexer {
    fn new(text: &str) -> Self {
        Self {
            input: text.chars().collect(),
            at: 0,
            line: 1,
            code: String::with_capacity(text.len()),
            literals: Vec::new(),
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.input.get(self.at + ahead).copied()
    }

    /// Takes one character; it stays in the code, or is blanked.
    fn take(&mut self, kept: Kept) -> Option<char> {
        let taken = self.peek(0)?;
        self.at += 1;
        if taken == '\n' {
            self.line += 1;
            self.code.push('\n');
        } else if matches!(kept, Kept::Code) {
            self.code.push(taken);
        } else {
            self.code.push(' ');
        }
        Some(taken)
    }

    fn run(&mut self) {
        while let Some(next) = self.peek(0) {
            let follows_word = self.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            match (next, self.peek(1)) {
                ('/', Some('/')) => self.line_comment(),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(0, Escapes::Yes),
                ('r', Some('"' | '#')) if !follows_word => self.raw_string(),
                ('b', Some('r')) if !follows_word && matches!(self.peek(2), Some('"' | '#')) => {
                    self.take(Kept::Code);
                    self.raw_string();
                }
                ('\'', _) => self.quote(),
                _ => {
                    self.take(Kept::Code);
                }
            }
        }
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.take(Kept::Blank);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.take(Kept::Blank);
                    continue;
                }
            }
            self.take(Kept::Blank);
            self.take(Kept::Blank);
            if depth == 0 {
                return;
            }
        }
    }

    fn raw_string(&mut self) {
        let hashes = self.input.iter().skip(self.at + 1).take_while(|c| **c == '#').count();
        if self.peek(1 + hashes) != Some('"') {
            self.take(Kept::Code); // a raw identifier
            return;
        }
        for _ in 0..=hashes {
            self.take(Kept::Code);
        }
        self.string(hashes, Escapes::No);
    }

    fn string(&mut self, hashes: usize, escapes: Escapes) {
        self.take(Kept::Code);
        let line = self.line;
        let mut text = String::new();
        while let Some(next) = self.peek(0) {
            if next == '\\' && matches!(escapes, Escapes::Yes) {
                text.extend(self.take(Kept::Blank));
                text.extend(self.take(Kept::Blank));
                continue;
            }
            let closed = next == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if closed {
                for _ in 0..=hashes {
                    self.take(Kept::Code);
                }
                break;
            }
            text.extend(self.take(Kept::Blank));
        }
        self.literals.push(Literal { line, text });
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        self.take(Kept::Code);
        if self.peek(0) == Some('\\') {
            self.take(Kept::Blank);
            self.take(Kept::Blank);
            while self.peek(0).is_some_and(|c| c != '\'') {
                self.take(Kept::Blank);
            }
            self.take(Kept::Code);
        } else if self.peek(1) == Some('\'') {
            self.take(Kept::Blank);
            self.take(Kept::Code);
        }
    }
}

#[derive(Clone, Copy)]
enum Kept {
    Code,
    Blank,
}

#[derive(Clone, Copy)]
enum Escapes {
    Yes,
    No,
}

/// Marks the lines of each `#[cfg(test)]` item.
fn test_lines(code: &[String]) -> Vec<bool> {
    let mut marks = vec![false; code.len()];
    let mut at = 0;
    while at < code.len() {
        if !code[at].contains("#[cfg(test)]") {
            at += 1;
            continue;
        }
        let mut depth = 0_usize;
        let mut opened = false;
        while at < code.len() {
            marks[at] = true;
            for sign in code[at].chars() {
                depth = match sign {
                    '{' => depth + 1,
                    '}' => depth.saturating_sub(1),
                    _ => depth,
                };
                opened |= sign == '{';
            }
            let ended = if opened { depth == 0 } else { code[at].contains(';') };
            at += 1;
            if ended {
                break;
            }
        }
    }
    marks
}

fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let signs: Vec<char> = code.chars().collect();
    let mut line = 1;
    for at in 0..signs.len() {
        if signs[at] == '\n' {
            line += 1;
        }
        let word = |offset: usize| signs.get(at + offset).copied();
        let starts = at == 0 || !(signs[at - 1].is_alphanumeric() || signs[at - 1] == '_');
        if starts && word(0) == Some('f') && word(1) == Some('n') && word(2) == Some(' ') {
            found.extend(function_at(&signs, at, line));
        }
    }
    found
}

/// Reads the function that begins at `at`; none for a function type or a bodiless one.
fn function_at(signs: &[char], at: usize, line: usize) -> Option<Function> {
    let rest = signs.get(at + 3..)?;
    let name: String = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
    if name.is_empty() {
        return None;
    }
    let open = first_parenthesis(rest)?;
    let close = open + matching(rest.get(open..)?, '(', ')')?;
    let arguments = rest.get(open + 1..close)?.iter().collect();
    let after = rest.get(close..)?;
    let body = after.iter().position(|c| *c == '{' || *c == ';')?;
    let end = if after.get(body) == Some(&'{') {
        close + body + matching(after.get(body..)?, '{', '}')?
    } else {
        close + body
    };
    let lines = rest.get(..end)?.iter().filter(|c| **c == '\n').count() + 1;
    Some(Function { name, line, lines, arguments })
}

/// Where the arguments open: the first parenthesis outside the angle brackets of generics.
fn first_parenthesis(signs: &[char]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut previous = ' ';
    for (at, sign) in signs.iter().enumerate() {
        match sign {
            '<' => depth += 1,
            '>' if previous != '-' && previous != '=' => depth = depth.saturating_sub(1),
            '(' if depth == 0 => return Some(at),
            '{' | ';' => return None,
            _ => {}
        }
        previous = *sign;
    }
    None
}

/// Distance to the bracket that closes the first one.
fn matching(signs: &[char], open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, sign) in signs.iter().enumerate() {
        if *sign == open {
            depth += 1;
        } else if *sign == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_leave_the_code_but_keep_their_place() {
        let source =
            Source::read("let a = \"x // y\"; // z\nlet b = 'c'; let c: &'a str = r#\"q\"q\"#;");
        assert_eq!(source.code[0].trim_end(), "let a = \"      \";");
        assert!(source.code[1].contains("&'a str"));
        let texts: Vec<&str> = source.literals.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(texts, ["x // y", "q\"q"]);
        assert_eq!(source.literals[1].line, 2);
    }

    #[test]
    fn nested_comments_and_escapes_end_where_rust_ends_them() {
        let source = Source::read("/* a /* b */ c */ let q = \"\\\"\"; let n = '\\''; fn f() {}");
        assert!(source.code[0].contains("let n"));
        assert_eq!(source.functions.len(), 1);
    }

    #[test]
    fn test_modules_are_not_counted() {
        let text = "fn one() {\n}\n#[cfg(test)]\nmod tests {\n    fn two() {}\n}\nfn three() {}";
        let source = Source::read(text);
        assert_eq!(source.own_lines(), 3);
        assert!(source.is_test(5) && !source.is_test(7));
        assert!(Source::read("#[cfg(test)]\nmod tests;\nfn a() {}").is_test(2));
    }

    #[test]
    fn functions_have_length_and_arguments() {
        let source = Source::read(
            "pub fn a<T: Fn(u8)>(\n  x: bool,\n) -> u8 {\n  1\n}\ntrait T { fn b(); }",
        );
        assert_eq!(source.functions.len(), 2);
        assert_eq!(source.functions[0].lines, 5);
        assert!(source.functions[0].arguments.contains("x: bool"));
        assert_eq!(source.functions[1].name, "b");
    }
}

//! The language of conditions: comparisons of names with numbers, words, sets of items and words of the request, joined
//! by `and`, `or` and `not`.

use crate::format::rules::VariableKind;

/// Longest expression, in bytes.
const MAX_LEN: usize = 4096;
/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 32;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// Holds where each of them does.
    All(Vec<Expression>),
    /// Holds where one of them does.
    Any(Vec<Expression>),
    /// Holds where the other one does not.
    Not(Box<Expression>),
    /// Asks one thing.
    Comparison(Comparison),
}

/// One question about one name. What is not known makes it false, whatever is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The attribute, or what is known of the request.
    pub name: String,
    /// What is asked of it.
    pub relation: Relation,
    /// Where it begins in the text, in bytes.
    pub at: usize,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// Anything but 0.
    IsSet,
    /// A number from the first to the second.
    Within(i32, i32),
    /// Any other number.
    Outside(i32, i32),
    /// One of these words, at least one.
    Is(Vec<String>),
    /// Another word.
    IsNot(String),
    /// This path, or one that goes on from it.
    Under(String),
    /// One of these numbers, at least one.
    OneOf(Vec<i32>),
    /// What an item of the set has.
    Among(ItemSet),
    /// The name is a set, which has this item.
    Holds(String, ItemSet),
    /// The request's word of this name.
    IsGiven(String),
    /// Another word than the request's of this name.
    IsNotGiven(String),
    /// The path that is the request's word of this name, or one that goes on from it.
    UnderGiven(String),
}

impl Relation {
    /// Whether it is asked of a number, and of nothing else.
    pub(super) fn is_of_numbers(&self) -> bool {
        matches!(self, Relation::IsSet | Relation::Within(..) | Relation::Outside(..) | Relation::OneOf(_))
    }
}

/// Items of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemSet {
    /// Which.
    pub kind: VariableKind,
    /// How many days back the shopper's events count; 0: all of them.
    pub days: u16,
}

/// The sets' names.
pub(super) const ITEM_SETS: [(&str, VariableKind); 4] = [
    ("seeds", VariableKind::Seeds),
    ("cart", VariableKind::Cart),
    ("bought", VariableKind::Bought),
    ("touched", VariableKind::TouchedItems),
];

impl std::fmt::Display for ItemSet {
    /// As it is written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = ITEM_SETS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(name, _)| name);
        match self.days {
            0 => f.write_str(name),
            days => write!(f, "{name}({days})"),
        }
    }
}

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// The text.
    pub text: String,
    /// Where, in bytes from its beginning.
    pub at: usize,
    /// What is wrong, and what to write.
    pub problem: String,
}

impl std::fmt::Display for ExpressionError {
    /// The text with a caret under the place.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let column = self.text[..self.at].chars().count();
        write!(f, "column {}: {}\n  {}\n  {:column$}^", column + 1, self.problem, self.text.replace('\n', " "), "")
    }
}

impl Expression {
    /// Reads a condition.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`], with the place.
    pub fn parse(text: &str) -> Result<Expression, ExpressionError> {
        let mut parser = Parser { text, at: 0, token: Token::End, token_at: 0 };
        if text.len() > MAX_LEN {
            return Err(parser.error(format!("longer than {MAX_LEN} bytes; split it into several rules")));
        }
        parser.advance()?;
        let expression = parser.any(0)?;
        match parser.token {
            Token::End => Ok(expression),
            _ => Err(parser.error("write `and` or `or` before another comparison".to_owned())),
        }
    }

    /// Every comparison in it, in the order of the text.
    pub fn comparisons(&self) -> Vec<&Comparison> {
        match self {
            Expression::All(parts) | Expression::Any(parts) => parts.iter().flat_map(Expression::comparisons).collect(),
            Expression::Not(inner) => inner.comparisons(),
            Expression::Comparison(comparison) => vec![comparison],
        }
    }
}

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'a> {
    /// A name or a word of the language.
    Name(&'a str),
    Text(String),
    Number(i32),
    /// An operator, a parenthesis, a bracket or a comma.
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 11] = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ","];
/// The words of the language, which are no names.
pub(super) const KEYWORDS: [&str; 5] = ["and", "or", "not", "in", "under"];

const NO_SET: &str = "write a set of items here: seeds, cart, bought or touched, the last three with days if wanted, as in \
                      bought(30)";

struct Parser<'a> {
    text: &'a str,
    /// Behind the token.
    at: usize,
    token: Token<'a>,
    token_at: usize,
}

impl<'a> Parser<'a> {
    fn error(&self, problem: String) -> ExpressionError {
        ExpressionError { text: self.text.to_owned(), at: self.token_at, problem }
    }

    /// Reads the next token.
    fn advance(&mut self) -> Result<(), ExpressionError> {
        let rest = self.text[self.at..].trim_start();
        self.token_at = self.text.len() - rest.len();
        let run = |is_part: fn(char) -> bool| &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        let first = rest.chars().next();
        let (token, len) = match first {
            None => (Token::End, 0),
            Some(quote @ ('"' | '\'')) => {
                let Some(end) = rest[1..].find(quote) else {
                    return Err(self.error(format!("no {quote} ends this word; add it")));
                };
                (Token::Text(rest[1..=end].to_owned()), end + 2)
            }
            Some(c) if c.is_ascii_digit() || c == '-' => {
                let digits = run(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | '_'));
                let number = digits.parse().map_err(|_| {
                    let problem =
                        format!("{digits} is no whole number within ±2^31; count in a smaller unit, e.g. cents");
                    self.error(problem)
                })?;
                (Token::Number(number), digits.len())
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = run(|c| c.is_ascii_alphanumeric() || c == '_');
                (Token::Name(name), name.len())
            }
            Some(c) => match SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None if c == '=' => return Err(self.error("write == to compare".to_owned())),
                None => return Err(self.error(format!("{c:?} means nothing here; put words in quotes"))),
            },
        };
        self.token = token;
        self.at = self.token_at + len;
        Ok(())
    }

    /// Takes the token if it is this one.
    fn take(&mut self, token: &Token) -> Result<bool, ExpressionError> {
        let is_it = self.token == *token;
        if is_it {
            self.advance()?;
        }
        Ok(is_it)
    }

    fn any(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut parts = vec![self.all(depth)?];
        while self.take(&Token::Name("or"))? {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut parts = vec![self.one(depth)?];
        while self.take(&Token::Name("and"))? {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH}; split it into several rules")));
        }
        if self.take(&Token::Name("not"))? {
            return Ok(Expression::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take(&Token::Sign("("))? {
            let inner = self.any(depth + 1)?;
            return match self.take(&Token::Sign(")"))? {
                true => Ok(inner),
                false => Err(self.error("write ) to end what ( began".to_owned())),
            };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expression, ExpressionError> {
        let at = self.token_at;
        if let Token::Text(item) = &self.token {
            let item = item.clone();
            self.advance()?;
            if !self.take(&Token::Name("in"))? {
                return Err(
                    self.error("write `in` and a set of items, such as cart; other names stand first".to_owned())
                );
            }
            let Some(set) = self.set()? else { return Err(self.error(NO_SET.to_owned())) };
            return Ok(Expression::Comparison(Comparison {
                name: set.to_string(),
                relation: Relation::Holds(item, set),
                at,
            }));
        }
        let name = match self.token {
            Token::Name(name) if !KEYWORDS.contains(&name) => name.to_owned(),
            _ => return Err(self.error("write a name here, such as brand or price_band".to_owned())),
        };
        self.advance()?;
        let relation = match self.token {
            Token::Sign(sign @ ("==" | "!=" | "<" | "<=" | ">" | ">=")) => {
                self.advance()?;
                self.compare(sign)?
            }
            Token::Name("in") => {
                self.advance()?;
                match self.set()? {
                    Some(set) => Relation::Among(set),
                    None => self.list()?,
                }
            }
            Token::Name("under") => {
                self.advance()?;
                match self.given()? {
                    Some(given) => Relation::UnderGiven(given),
                    None => Relation::Under(self.word("a path in quotes, such as \"shoes/boots\"")?),
                }
            }
            _ => Relation::IsSet,
        };
        Ok(Expression::Comparison(Comparison { name, relation, at }))
    }

    /// A set of items, if a name stands here.
    fn set(&mut self) -> Result<Option<ItemSet>, ExpressionError> {
        let Token::Name(name) = self.token else { return Ok(None) };
        let Some(&(_, kind)) = ITEM_SETS.iter().find(|(known, _)| *known == name) else {
            return Err(self.error(NO_SET.to_owned()));
        };
        self.advance()?;
        if kind == VariableKind::Seeds || !self.take(&Token::Sign("("))? {
            return Ok(Some(ItemSet { kind, days: 0 }));
        }
        let days = match self.token {
            Token::Number(days) => u16::try_from(days).ok().filter(|&days| days > 0),
            _ => None,
        };
        let Some(days) = days else { return Err(self.error("write how many days, 1 to 65535".to_owned())) };
        self.advance()?;
        match self.take(&Token::Sign(")"))? {
            true => Ok(Some(ItemSet { kind, days })),
            false => Err(self.error("write ) behind the days".to_owned())),
        }
    }

    /// The name of a word of the request, if one stands here.
    fn given(&mut self) -> Result<Option<String>, ExpressionError> {
        let Token::Name(name) = self.token else { return Ok(None) };
        if KEYWORDS.contains(&name) {
            return Ok(None);
        }
        self.advance()?;
        Ok(Some(name.to_owned()))
    }

    fn compare(&mut self, sign: &str) -> Result<Relation, ExpressionError> {
        if let Token::Text(_) | Token::Name(_) = self.token
            && !matches!(sign, "==" | "!=")
        {
            return Err(self.error(format!("{sign} compares numbers; for words there are == and !=, in and under")));
        }
        let Token::Number(number) = self.token else {
            if let Some(given) = self.given()? {
                return Ok(if sign == "==" { Relation::IsGiven(given) } else { Relation::IsNotGiven(given) });
            }
            let word = self.word("a number, or a word in quotes")?;
            return Ok(if sign == "==" { Relation::Is(vec![word]) } else { Relation::IsNot(word) });
        };
        let relation = match sign {
            "==" => Relation::Within(number, number),
            "!=" => Relation::Outside(number, number),
            "<=" => Relation::Within(i32::MIN, number),
            ">=" => Relation::Within(number, i32::MAX),
            "<" => number.checked_sub(1).map_or(Relation::Within(0, -1), |last| Relation::Within(i32::MIN, last)),
            _ => number.checked_add(1).map_or(Relation::Within(0, -1), |first| Relation::Within(first, i32::MAX)),
        };
        self.advance()?;
        Ok(relation)
    }

    fn word(&mut self, expected: &str) -> Result<String, ExpressionError> {
        let Token::Text(word) = &self.token else { return Err(self.error(format!("write {expected}"))) };
        let word = word.clone();
        self.advance()?;
        Ok(word)
    }

    fn list(&mut self) -> Result<Relation, ExpressionError> {
        const EXPECTED: &str = "a list such as [\"acme\", \"bora\"] or [1, 2], or a set of items such as cart";
        if !self.take(&Token::Sign("["))? {
            return Err(self.error(format!("write {EXPECTED}")));
        }
        let (mut words, mut numbers) = (Vec::new(), Vec::new());
        loop {
            match self.token {
                Token::Number(number) if words.is_empty() => {
                    self.advance()?;
                    numbers.push(number);
                }
                _ if numbers.is_empty() => words.push(self.word(EXPECTED)?),
                _ => return Err(self.error("a list holds numbers or words, not both".to_owned())),
            }
            if self.take(&Token::Sign("]"))? {
                return Ok(if words.is_empty() { Relation::OneOf(numbers) } else { Relation::Is(words) });
            }
            if !self.take(&Token::Sign(","))? {
                return Err(self.error("write , or ] here".to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = Expression::parse(text).map_or_else(|error| error.to_string(), |expression| show(&expression));
        assert_eq!(shown, expected, "{text}");
    }

    fn show(expression: &Expression) -> String {
        let join = |parts: &[Expression], word: &str| parts.iter().map(show).collect::<Vec<_>>().join(word);
        match expression {
            Expression::All(parts) => format!("({})", join(parts, " & ")),
            Expression::Any(parts) => format!("({})", join(parts, " | ")),
            Expression::Not(inner) => format!("!{}", show(inner)),
            Expression::Comparison(Comparison { name, relation, .. }) => format!("{name} {relation:?}"),
        }
    }

    #[test]
    fn conditions_are_read() {
        check("in_stock", "in_stock IsSet");
        check("a and b or not c and d", "((a IsSet & b IsSet) | (!c IsSet & d IsSet))");
        check("a and (b or c)", "(a IsSet & (b IsSet | c IsSet))");
        check("price_band <= 3", "price_band Within(-2147483648, 3)");
        check("x > -2 and x != 0", "(x Within(-1, 2147483647) & x Outside(0, 0))");
        check("x<5", "x Within(-2147483648, 4)");
        check("x > 2147483647", "x Within(0, -1)");
        check("brand in [\"acme\", 'x']", "brand Is([\"acme\", \"x\"])");
        check("n in [1,2]", "n OneOf([1, 2])");
        check("not brand == \"Ä\"", "!brand Is([\"Ä\"])");
        check("brand != 'x'", "brand IsNot(\"x\")");
        check("category under \"shoes/boots\"", "category Under(\"shoes/boots\")");
        check("category in bought(90)", "category Among(ItemSet { kind: Bought, days: 90 })");
        check("item in seeds", "item Among(ItemSet { kind: Seeds, days: 0 })");
        check("not 'a b' in cart", "!cart Holds(\"a b\", ItemSet { kind: Cart, days: 0 })");
        check("'a' in touched(7)", "touched(7) Holds(\"a\", ItemSet { kind: TouchedItems, days: 7 })");
        check("brand == favourite", "brand IsGiven(\"favourite\")");
        check("brand != favourite", "brand IsNotGiven(\"favourite\")");
        check("category under landing", "category UnderGiven(\"landing\")");
    }

    #[test]
    fn what_is_wrong_is_shown() {
        let check = |text: &str, column: usize, problem: &str| {
            let error = Expression::parse(text).unwrap_err();
            let shown = error.to_string();
            assert!(shown.contains(problem) && shown.contains(&format!("column {column}:")), "{text}: {shown}");
            assert!(shown.ends_with(&format!("\n  {}^", " ".repeat(column - 1))), "{shown}");
        };
        check("", 1, "write a name");
        check("a and", 6, "write a name");
        check("and", 1, "write a name");
        check("a b", 3, "`and` or `or`");
        check("(a", 3, "write )");
        check("a = 3", 3, "write ==");
        check("brand == and", 10, "a word in quotes");
        check("brand < acme", 9, "compares numbers");
        check("brand in acme", 10, "a set of items");
        check("brand in bought(", 17, "how many days");
        check("brand in bought(0)", 17, "how many days");
        check("brand in bought(70000)", 17, "how many days");
        check("brand in bought(30", 19, "behind the days");
        check("brand in seeds(30)", 15, "`and` or `or`");
        check("'a' == brand", 5, "write `in`");
        check("'a' in", 7, "a set of items");
        check("'a' in ['b']", 8, "a set of items");
        check("brand == \"acme", 10, "no \" ends");
        check("brand < 'x'", 9, "compares numbers");
        check("price <= 9.99", 10, "no whole number");
        check("brand in 'x'", 10, "write a list");
        check("brand in []", 11, "write a list");
        check("brand in ['x', 1]", 16, "write a list");
        check("brand in [1, 'x']", 14, "not both");
        check("brand in ['x' 'y']", 15, ", or ]");
        check("category under 3", 16, "a path");
        check("ä", 1, "means nothing");
        check("brand == 'ä' ä", 14, "means nothing");
        check(&"not ".repeat(40), 133, "nested deeper");
        check(&"(".repeat(40), 34, "nested deeper");
        assert!(Expression::parse(&"a".repeat(5000)).unwrap_err().to_string().contains("longer than"));
    }
}

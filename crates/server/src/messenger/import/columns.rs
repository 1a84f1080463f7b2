//! The columns of a table, by the headers that people use.

use unicode_normalization::UnicodeNormalization;

use crate::messenger::import::TableError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Login,
    Name,
    Department,
    Title,
    Email,
    Order,
    DepartmentOrder,
    Password,
}

/// Headers in the form of [`plain`].
const NAMES: [(Column, &[&str]); 8] = [
    (
        Column::Login,
        &[
            "login",
            "loginid",
            "loginname",
            "id",
            "userid",
            "user",
            "username",
            "account",
            "employeeid",
            "employeeno",
            "employeenumber",
            "empno",
            "staffno",
            "staffnumber",
            "아이디",
            "로그인",
            "로그인아이디",
            "로그인id",
            "사용자아이디",
            "사용자id",
            "사번",
            "사원번호",
            "직원번호",
            "공무원번호",
            "계정",
            "계정명",
        ],
    ),
    (
        Column::Name,
        &[
            "name",
            "fullname",
            "displayname",
            "이름",
            "성명",
            "성함",
            "직원명",
            "사원명",
            "사용자명",
            "한글이름",
            "한글성명",
        ],
    ),
    (
        Column::Department,
        &[
            "department",
            "departmentname",
            "dept",
            "deptname",
            "division",
            "organization",
            "organisation",
            "부서",
            "부서명",
            "소속",
            "소속부서",
            "소속명",
            "조직",
            "조직명",
        ],
    ),
    (
        Column::Title,
        &["title", "jobtitle", "position", "rank", "직위", "직위명", "직급", "직급명", "직책", "직책명", "직함"],
    ),
    (
        Column::Email,
        &[
            "email",
            "emailaddress",
            "mail",
            "이메일",
            "이메일주소",
            "e메일",
            "메일",
            "메일주소",
            "전자우편",
            "전자우편주소",
        ],
    ),
    (
        Column::Order,
        &[
            "order",
            "sortorder",
            "sort",
            "seniority",
            "순서",
            "정렬",
            "정렬순서",
            "표시순서",
            "서열",
            "서열순서",
            "직제순서",
        ],
    ),
    (
        Column::DepartmentOrder,
        &[
            "departmentorder",
            "departmentsort",
            "deptorder",
            "deptsort",
            "부서순서",
            "부서정렬",
            "부서정렬순서",
            "조직순서",
        ],
    ),
    (
        Column::Password,
        &["password", "passwd", "pw", "initialpassword", "비밀번호", "초기비밀번호", "암호", "패스워드"],
    ),
];

/// The columns of a table in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    known: Vec<Option<Column>>,
    /// The headers of ignored columns.
    pub(super) unknown: Vec<String>,
}

impl Columns {
    /// # Errors
    /// [`TableError::Columns`] without a column of logins, [`TableError::DuplicateColumn`] when two headers mean one
    /// column.
    pub(super) fn read<'r>(names: impl Iterator<Item = &'r str>) -> Result<Self, TableError> {
        let (mut columns, mut named) = (Self::default(), Vec::<(Column, &str)>::new());
        for name in names.map(str::trim) {
            let column = known(name);
            if let Some(column) = column {
                if let Some((_, other)) = named.iter().find(|(known, _)| *known == column) {
                    return Err(TableError::DuplicateColumn { first: (*other).to_owned(), second: name.to_owned() });
                }
                named.push((column, name));
            } else if !name.is_empty() {
                columns.unknown.push(name.to_owned());
            }
            columns.known.push(column);
        }
        if named.iter().any(|(column, _)| *column == Column::Login) { Ok(columns) } else { Err(TableError::Columns) }
    }

    /// The field of a row in this column; empty when the row is too short.
    pub(super) fn field<'r>(&self, row: &'r csv::StringRecord, column: Column) -> &'r str {
        let index = self.known.iter().position(|known| *known == Some(column));
        index.and_then(|index| row.get(index)).unwrap_or_default()
    }

    pub(super) fn count(&self) -> usize {
        self.known.len()
    }
}

fn known(name: &str) -> Option<Column> {
    let name = plain(name);
    NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(column, _)| *column)
}

/// A header without punctuation, case and parentheses: `E-mail`, `e_mail (업무용)` and `*EMAIL` are the same.
fn plain(name: &str) -> String {
    let name = name.split(['(', '（']).next().unwrap_or_default();
    name.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_the_headers_that_people_use() {
        for (name, column) in [
            ("Login", Column::Login),
            ("USER ID", Column::Login),
            ("사원 번호", Column::Login),
            ("\u{1109}\u{1165}\u{11bc}\u{1106}\u{1167}\u{11bc}", Column::Name),
            ("*이름 (한글)", Column::Name),
            ("Ｎａｍｅ", Column::Name),
            ("소속 부서", Column::Department),
            ("직급", Column::Title),
            ("E-Mail", Column::Email),
            ("전자우편", Column::Email),
            ("정렬 순서", Column::Order),
            ("Sort order", Column::Order),
            ("부서 순서", Column::DepartmentOrder),
            ("department_order", Column::DepartmentOrder),
            ("초기 비밀번호", Column::Password),
        ] {
            assert_eq!(known(name), Some(column), "{name}");
        }
        for name in ["", "비고", "전화번호", "names"] {
            assert_eq!(known(name), None, "{name}");
        }
    }

    #[test]
    fn unknown_headers_are_listed_and_a_column_twice_is_refused() {
        let columns = Columns::read(["사번", "내선 번호", "", "성명", "비고"].into_iter()).unwrap();
        assert_eq!(columns.unknown, ["내선 번호", "비고"]);
        let doubled = Columns::read(["id", "직급", "직위"].into_iter());
        assert_eq!(doubled, Err(TableError::DuplicateColumn { first: "직급".into(), second: "직위".into() }));
        assert_eq!(Columns::read(["hong", "홍길동"].into_iter()), Err(TableError::Columns));
    }
}

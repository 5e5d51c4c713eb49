//! A folder for the files of a peer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::execute;
use crate::result::Result;
use crate::workspace::{Workspace, root};

/// An empty folder, which is removed with its files when it is dropped.
pub(super) struct WorkFolder(PathBuf);

impl WorkFolder {
    pub(super) fn new(peer: &str) -> Result<Self> {
        let folder = kept("work")?.join(peer);
        // An interrupted run may have left one.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| failure(&folder, &error))?;
        }
        fs::create_dir_all(&folder).map_err(|error| failure(&folder, &error))?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Its path as text, for configuration files.
    pub(super) fn text(&self) -> std::borrow::Cow<'_, str> {
        self.0.to_string_lossy()
    }

    /// Writes a file with this text, in which `{name}` stands for each of the values.
    pub(super) fn write(&self, name: &str, text: &str, values: &[(&str, &str)]) -> Result<PathBuf> {
        let text = values.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        });
        let file = self.0.join(name);
        fs::write(&file, text).map_err(|error| failure(&file, &error))?;
        Ok(file)
    }

    /// Puts an authority, and the certificates of a server and of a client, into the folder.
    pub(super) fn certificates(&self) -> Result {
        let script = root().join("xtask/interop/certificates.sh");
        execute(Command::new("sh").arg(script).current_dir(&self.0))
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // The next run tries again.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The path of a folder that the next run uses too.
pub(super) fn kept(name: &str) -> Result<PathBuf> {
    Ok(Workspace::load()?.target.join("interop").join(name))
}

fn failure(path: &Path, error: &std::io::Error) -> String {
    format!("could not prepare {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_empty_at_first_and_gone_at_the_end() {
        let folder = WorkFolder::new("work_folder_test").unwrap();
        let file = folder.write("a.conf", "port = {port}; {}\n", &[("port", "80")]).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "port = 80; {}\n");
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }
}

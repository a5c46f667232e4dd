//! The binary `rspp-gates`: hands over to the library.

fn main() -> std::process::ExitCode {
    rspp_gates::cli::main()
}

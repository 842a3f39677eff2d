// SPDX-License-Identifier: MIT
// Takes the place of a fuzzing engine: runs a target once with each file.
//
//     TARGET FILE...    runs the target with these files, such as the input of a crash
//     TARGET            runs the target with its corpus in $srcdir/fuzz/corpus/TARGET ("make check" does this)
#include "fuzz.hpp"

#include <dirent.h>

namespace {

bool run_file(const std::string &path)
{
    FILE *file = fopen(path.c_str(), "rb");
    if (file == nullptr) {
        perror(path.c_str());
        return false;
    }
    std::vector<uint8_t> bytes;
    for (int byte; (byte = getc(file)) != EOF;)
        bytes.push_back(static_cast<uint8_t>(byte));
    (void)fclose(file);
    (void)fprintf(stderr, "%s\n", path.c_str()); // the last name in the log is the file that has caused a crash
    (void)LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    return true;
}

// Returns the name of the target. In the build tree, libtool can name the program lt-TARGET.
std::string name_of(const char *program)
{
    const std::string path = program;
    const std::string name = path.substr(path.rfind('/') + 1);
    return name.compare(0, 3, "lt-") == 0 ? name.substr(3) : name;
}

std::vector<std::string> corpus_of(const std::string &target)
{
    std::vector<std::string> files;
    const char *srcdir = getenv("srcdir");
    const std::string folder = std::string(srcdir != nullptr ? srcdir : ".") + "/fuzz/corpus/" + target;
    DIR *directory = opendir(folder.c_str());
    if (directory == nullptr) {
        perror(folder.c_str());
        return files;
    }
    while (const dirent *entry = readdir(directory)) {
        if (entry->d_name[0] != '.') files.push_back(folder + "/" + entry->d_name);
    }
    (void)closedir(directory);
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

int main(int argc, char **argv)
{
    const auto files = argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : corpus_of(name_of(argv[0]));
    for (const std::string &file : files) {
        if (!run_file(file)) return EXIT_FAILURE;
    }
    printf("%zu inputs\n", files.size());
    return files.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
}

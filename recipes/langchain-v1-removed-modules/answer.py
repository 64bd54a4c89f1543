"""Answer a question from a handbook, as it was written for LangChain 0.x."""

from langchain.chains import LLMChain
from langchain.prompts import PromptTemplate
from langchain.text_splitter import CharacterTextSplitter
from langchain_core.language_models import FakeListLLM

HANDBOOK = "Refunds take five days. Returns are free. Write to us before you send anything."

pieces = CharacterTextSplitter(separator=". ", chunk_size=40, chunk_overlap=0).split_text(HANDBOOK)
prompt = PromptTemplate.from_template("Answer from {text}: {question}")
chain = LLMChain(llm=FakeListLLM(responses=["Five days."]), prompt=prompt)
print(len(pieces), "pieces:", chain.invoke({"text": pieces[0], "question": "How long does a refund take?"})["text"])
